import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DestroyedKey, KeyStore, WrappedKey } from '../key-store.ts';

type Opened = { readonly store: KeyStore; readonly close?: () => Promise<void> };

/** What every key store promises. `open` answers an empty one. */
export function keyStoreContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name} keeps the promises of a key store`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close?.());

    const key = (account: string, uid: string, wrapped = 'c2VhbGVk', masterKey = 'm1'): WrappedKey => ({
      account,
      uid,
      masterKey,
      wrapped,
    });
    const byUid = (keys: readonly WrappedKey[]): readonly WrappedKey[] => [...keys].sort((a, b) => (a.uid < b.uid ? -1 : 1));

    const names = (keys: readonly DestroyedKey[]): readonly string[] => keys.map(({ account, uid }) => `${account}/${uid}`).sort();

    it('knows nothing at first', async () => {
      expect([await opened.store.find('a', '1'), await opened.store.load('a')]).toEqual([undefined, []]);
    });

    it('gives back what was saved, each account by itself', async () => {
      const { store } = opened;
      await Promise.all([store.save(key('a', '1')), store.save(key('a', '2', '/+=')), store.save(key('b', '1', 'other'))]);
      expect(await store.find('a', '2')).toEqual(key('a', '2', '/+='));
      expect(byUid(await store.load('a'))).toEqual([key('a', '1'), key('a', '2', '/+=')]);
      expect(await store.find('b', '2')).toBeUndefined();
    });

    it('keeps the first of two keys for one object, also of two at once', async () => {
      const { store } = opened;
      await store.save(key('a', '1', 'first'));
      await store.save(key('a', '1', 'second'));
      expect(await store.find('a', '1')).toEqual(key('a', '1', 'first'));
      await Promise.all(['x', 'y', 'z'].map((wrapped) => store.save(key('a', '2', wrapped))));
      const kept = await store.find('a', '2');
      expect(await store.load('a')).toContainEqual(kept);
      expect((await store.load('a')).length).toBe(2);
    });

    it('destroys one, or all of an account, as often as it is asked to', async () => {
      const { store } = opened;
      for (const uid of ['1', '2', '3']) await store.save(key('a', uid));
      await store.save(key('b', '1'));
      await store.destroy('a', '1');
      await store.destroy('a', '1');
      expect([await store.find('a', '1'), (await store.load('a')).length]).toEqual([undefined, 2]);
      await store.destroyAll('a');
      await store.destroyAll('a');
      expect([await store.load('a'), await store.load('b')]).toEqual([[], [key('b', '1')]]);
    });

    it('tells all that is there, and remembers what it has destroyed', async () => {
      const { store } = opened;
      for (const account of ['', 'a', 'b']) for (const uid of ['1', '2']) await store.save(key(account, uid));
      await store.destroy('a', '1');
      await store.destroy('a', 'never there');
      await store.destroyAll('b');
      expect(names(await Array.fromAsync(store.all()))).toEqual(['/1', '/2', 'a/2']);
      expect(names(await Array.fromAsync(store.destroyed()))).toEqual(['a/1', 'b/1', 'b/2']);
    });

    it('destroys what another copy has destroyed, whether it is here or not', async () => {
      const { store } = opened;
      for (const uid of ['1', '2']) await store.save(key('a', uid));
      for (const _ of [1, 2])
        await store.destroyToo([
          { account: 'a', uid: '1' },
          { account: 'c', uid: '7' },
        ]);
      expect(names(await Array.fromAsync(store.all()))).toEqual(['a/2']);
      expect(names(await Array.fromAsync(store.destroyed()))).toEqual(['a/1', 'c/7']);
    });

    it('tells more than a page of keys', async () => {
      const { store } = opened;
      await Promise.all(Array.from({ length: 1_001 }, (_, index) => store.save(key(`a${index % 7}`, `${index}`))));
      expect((await Array.fromAsync(store.all())).length).toBe(1_001);
    });

    it('replaces what is there, and nothing else', async () => {
      const { store } = opened;
      for (const uid of ['1', '2', '3']) await store.save(key('a', uid));
      expect((await store.notWrappedBy('m2', 2)).length).toBe(2);
      await store.destroy('a', '3');
      await store.replace(['1', '2', '3'].map((uid) => key('a', uid, `new ${uid}`, 'm2')));
      expect(byUid(await store.load('a'))).toEqual([key('a', '1', 'new 1', 'm2'), key('a', '2', 'new 2', 'm2')]);
      expect(await store.notWrappedBy('m2', 10)).toEqual([]);
    });
  });
}
