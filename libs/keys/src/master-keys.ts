import { randomBytes } from 'node:crypto';
import { keyBytes } from './cipher.ts';

/** A key that seals keys. */
export type MasterKey = { readonly id: string; readonly key: Buffer };

/** Oldest first: the last one seals, all of them open. */
export type MasterKeys = readonly [...(readonly MasterKey[]), MasterKey];

/** One line of a master key file, with a key of its own. */
export function newMasterKeyLine(): string {
  return `${randomBytes(6).toString('hex')} ${randomBytes(keyBytes).toString('base64')}\n`;
}

/**
 * One key a line, `<id> <32 bytes in base64>`; the last line is the newest. Lines that begin with # say nothing.
 * @throws Error that names the line and never repeats it.
 */
export function parseMasterKeys(text: string): MasterKeys {
  const keys: MasterKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, id = '', encoded = ''] = /^([A-Za-z0-9._-]{1,64}) +([A-Za-z0-9+/]{43}=)\s*$/.exec(line) ?? [];
    if (id === '') throw new Error(`line ${index + 1} is not an id, a space, and 32 bytes in base64`);
    if (keys.some((known) => known.id === id)) throw new Error(`line ${index + 1} has the id of a line before it`);
    keys.push({ id, key: Buffer.from(encoded, 'base64') });
  }
  const newest = keys.pop();
  if (!newest) throw new Error('it holds no key');
  return [...keys, newest];
}
