export { eventLogContract } from './event-log-contract.ts';
export type { LogTraits, OpenedLog } from './event-log-contract.ts';
export { collect, events, Gathering } from './gathering.ts';
export { checkpointStoreContract, eventArchiveContract, snapshotStoreContract } from './store-contracts.ts';
export type { OpenedStore } from './store-contracts.ts';
