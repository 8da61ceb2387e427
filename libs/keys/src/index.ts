export { KeyRing } from './key-ring.ts';
export type { DestroyedKey, KeyStore, WrappedKey } from './key-store.ts';
export { Keys, type KeysOptions } from './keys.ts';
export { newMasterKeyLine, parseMasterKeys, type MasterKey, type MasterKeys } from './master-keys.ts';
export { memoryKeys } from './memory-keys.ts';
export { MemoryKeyStore } from './memory-key-store.ts';
