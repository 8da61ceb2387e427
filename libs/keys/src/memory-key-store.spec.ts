import { keyStoreContract } from './testing/index.ts';
import { MemoryKeyStore } from './memory-key-store.ts';

keyStoreContract('MemoryKeyStore', async () => ({ store: new MemoryKeyStore() }));
