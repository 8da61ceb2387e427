import { MemoryCheckpointStore, MemorySnapshotStore } from './memory-stores.ts';
import { checkpointStoreContract, snapshotStoreContract } from './testing/store-contracts.ts';

snapshotStoreContract('MemorySnapshotStore', async () => ({ store: new MemorySnapshotStore() }));
checkpointStoreContract('MemoryCheckpointStore', async () => ({ store: new MemoryCheckpointStore() }));
