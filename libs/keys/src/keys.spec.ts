import { expect, test } from 'vitest';
import { MemoryKeyStore } from './memory-key-store.ts';
import { Keys } from './keys.ts';
import { newMasterKeyLine, parseMasterKeys } from './master-keys.ts';

/** Keys over a store, with a master key file that can change. */
async function opened(file = { text: newMasterKeyLine() }, store = new MemoryKeyStore()) {
  const keys = await Keys.open({ store, readMasterKeys: async () => parseMasterKeys(file.text) });
  return { keys, store, file };
}

test('what one ring seals, a ring of another process opens after it fetched the key', async () => {
  const { keys, store, file } = await opened();
  const ring = keys.ring('acme');
  await ring.make('u1');
  const sealed = ring.seal('u1', 'hunter2') ?? '';
  expect(sealed).not.toContain('hunter2');
  expect(ring.seal('u1', 'hunter2')).not.toBe(sealed);
  const other = (await opened(file, store)).keys.ring('acme');
  expect(other.knows('u1')).toBe(false);
  await other.fetch('u1');
  expect(other.open('u1', sealed)).toBe('hunter2');
});

test('what was sealed for one object opens as no other, and not after it was changed', async () => {
  const { keys } = await opened();
  const ring = keys.ring('acme');
  await ring.make('u1');
  await ring.make('u2');
  const sealed = ring.seal('u1', 'hunter2') ?? '';
  expect(() => ring.open('u2', sealed)).toThrow();
  const bytes = Buffer.from(sealed, 'base64');
  bytes[14]! ^= 1;
  expect(() => ring.open('u1', bytes.toString('base64'))).toThrow();
  expect(() => ring.open('u1', 'AAAA')).toThrow('cut short');
});

test('a wrapped key serves no other object', async () => {
  const { keys, store } = await opened();
  await keys.create('acme', 'u1');
  const stolen = await store.find('acme', 'u1');
  await store.save({ ...stolen!, uid: 'u2' });
  await expect(keys.find('acme', 'u2')).rejects.toThrow();
});

test('what has no key is not sealed, and what has lost it is not opened', async () => {
  const { keys } = await opened();
  const ring = keys.ring('acme');
  expect(() => ring.seal('u1', 'hunter2')).toThrow('has no key');
  await ring.make('u1');
  const sealed = ring.seal('u1', 'hunter2') ?? '';
  await ring.destroy('u1');
  expect([ring.open('u1', sealed), ring.seal('u1', 'more')]).toEqual([undefined, undefined]);
  const later = keys.ring('acme');
  await later.fetch('u1');
  expect(later.open('u1', sealed)).toBeUndefined();
});

test('a newer master key is found while running; then the older one can go', async () => {
  const { keys, store, file } = await opened();
  await keys.create('acme', 'u1');
  await keys.installationSecret('proof', () => Buffer.from('proof'));
  const old = file.text;
  const newer = newMasterKeyLine();
  const rotated = await opened({ text: old + newer }, store);
  await rotated.keys.create('acme', 'u2');
  await expect(keys.find('acme', 'u2')).rejects.toThrow('is missing');
  file.text = old + newer;
  expect(await keys.find('acme', 'u2')).toEqual(await rotated.keys.find('acme', 'u2'));

  const before = await rotated.keys.find('acme', 'u1');
  expect(await rotated.keys.rewrap()).toBe(2);
  expect(await rotated.keys.rewrap()).toBe(0);
  const alone = (await opened({ text: newer }, store)).keys;
  expect(await alone.find('acme', 'u1')).toEqual(before);
});

test('the installation has one secret of a name, whoever comes first', async () => {
  const { keys, store, file } = await opened();
  const others = (await opened(file, store)).keys;
  const made = await Promise.all([keys, others].map((one, index) => one.installationSecret('signing', () => Buffer.from(`${index}`))));
  expect(made[0]).toEqual(made[1]);
  const stranger = (await opened({ text: newMasterKeyLine() }, store)).keys;
  await expect(stranger.installationSecret('signing', () => Buffer.from('x'))).rejects.toThrow('is missing');
});

test('a master key file has a key on each line, and its faults are told without them', () => {
  const [first, second] = [newMasterKeyLine(), newMasterKeyLine()];
  expect(parseMasterKeys(`# old\n${first}\n${second}`).map(({ id, key }) => [id, key.length])).toEqual([
    [first.split(' ')[0], 32],
    [second.split(' ')[0], 32],
  ]);
  expect(() => parseMasterKeys('')).toThrow('it holds no key');
  expect(() => parseMasterKeys(first + first)).toThrow('line 2 has the id of a line before it');
  const short = `id ${Buffer.alloc(31, 'hunter2').toString('base64')}`;
  expect(() => parseMasterKeys(short)).toThrow(/^line 1 is not an id, a space, and 32 bytes in base64$/);
});

test('of two processes that ensure a key at once, both seal with the same one', async () => {
  const { keys, store, file } = await opened();
  const [one, other] = [keys.ring('acme'), (await opened(file, store)).keys.ring('acme')];
  await Promise.all([one.ensure('u1'), other.ensure('u1')]);
  expect(other.open('u1', one.seal('u1', 'hunter2') ?? '')).toBe('hunter2');
  const before = one.seal('u1', 'hunter2') ?? '';
  await one.ensure('u1');
  expect(one.open('u1', before)).toBe('hunter2');
  expect([one.holds('u1'), one.holds('u2')]).toEqual([true, false]);
});

test('of keys that are destroyed only the newest are remembered, and the others are still known to be gone when they are asked for', async () => {
  const { keys } = await opened();
  const ring = keys.ring('acme');
  const uids = Array.from({ length: 400 }, (_, index) => `u${index}`);
  await ring.make('stays');
  await ring.make('u0');
  const sealed = ring.seal('u0', 'hunter2') ?? '';
  for (const uid of uids) {
    if (uid !== 'u0') await ring.make(uid);
    await ring.destroy(uid);
  }
  expect(uids.filter((uid) => ring.knows(uid))).toEqual(uids.slice(-256));
  expect(ring.holds('stays')).toBe(true);
  await ring.fetch('u0');
  expect(ring.open('u0', sealed)).toBeUndefined();
  await ring.destroy('u0');
  expect(ring.open('u0', sealed)).toBeUndefined();
});

test('a key keeps no memory but its own', async () => {
  const { keys, store, file } = await opened();
  await keys.create('acme', 'u1');
  const source = (await opened(file, store)).keys;
  const found = await source.find('acme', 'u1');
  expect(found?.buffer.byteLength).toBe(32);
});
