import { MemoryEventArchive } from './memory-event-archive.ts';
import { MemoryCheckpointStore, MemorySnapshotStore } from './memory-stores.ts';
import { checkpointStoreContract, eventArchiveContract, snapshotStoreContract } from './testing/store-contracts.ts';

snapshotStoreContract('MemorySnapshotStore', async () => ({ store: new MemorySnapshotStore() }));
checkpointStoreContract('MemoryCheckpointStore', async () => ({ store: new MemoryCheckpointStore() }));
eventArchiveContract('MemoryEventArchive', async () => ({ store: new MemoryEventArchive() }));
