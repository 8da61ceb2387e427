export { EventStoreEventLog } from './event-store-event-log.ts';
export type { EventStoreEventLogOptions } from './event-store-event-log.ts';
