import { randomBytes } from 'node:crypto';
import { keyBytes } from './cipher.ts';
import { Keys } from './keys.ts';
import { MemoryKeyStore } from './memory-key-store.ts';

/** Keys that live as long as the process, for a log that does too. */
export function memoryKeys(): Keys {
  const masters = [{ id: 'memory', key: randomBytes(keyBytes) }] as const;
  return Keys.over({ store: new MemoryKeyStore(), readMasterKeys: async () => masters }, masters);
}
