import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventLog } from '../memory-event-log.ts';
import type { CheckpointStore, EventArchive, SnapshotStore } from '../stores.ts';
import { collect, events } from './gathering.ts';

/** A store that a spec opened, and how to let go of it. It must be empty. */
export type OpenedStore<Store> = { readonly store: Store; readonly close?: () => Promise<void> };

/** What every snapshot store promises. */
export function snapshotStoreContract(name: string, open: () => Promise<OpenedStore<SnapshotStore>>): void {
  describe(`${name} keeps the promises of a snapshot store`, () => {
    const opened = openedForEach(open);

    it('knows nothing of a stream that was never saved', async () => {
      expect(await opened().load('a')).toBeUndefined();
    });

    it('gives back the newest snapshot of each stream, exactly', async () => {
      const store = opened();
      // Of an odd length before the pairs, so that one of them lies across every even place.
      const text = `{"漢字":"${'🚀'.repeat(700_000)} \\" \\\\ ${'x'.repeat(2_000_000)}"}`;
      await store.save('a', { revision: 3n, shape: 1, text: 'old' });
      await store.save('a', { revision: 9_007_199_254_740_993n, shape: 1, text });
      await store.save('b', { revision: 0n, shape: 2, text: '' });
      expect(await store.load('a')).toEqual({ revision: 9_007_199_254_740_993n, shape: 1, text });
      expect(await store.load('b')).toEqual({ revision: 0n, shape: 2, text: '' });
      const short = { revision: 9_007_199_254_740_994n, shape: 1, text: 'short again' };
      await store.save('a', short);
      expect(await store.load('a')).toEqual(short);
    });

    it('keeps the newer one when an older comes late, unless its shape is another', async () => {
      const store = opened();
      await store.save('a', { revision: 5n, shape: 1, text: 'newer' });
      await store.save('a', { revision: 4n, shape: 1, text: 'older' });
      expect(await store.load('a')).toMatchObject({ revision: 5n, text: 'newer' });
      await store.save('a', { revision: 4n, shape: 2, text: 'another shape' });
      expect(await store.load('a')).toEqual({ revision: 4n, shape: 2, text: 'another shape' });
    });

    it('takes many saves at once', async () => {
      const store = opened();
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => store.save(`s-${index % 100}`, { revision: BigInt(index), shape: 1, text: `${index}` })),
      );
      const loaded = await Promise.all(Array.from({ length: 100 }, (_, index) => store.load(`s-${index}`)));
      expect(loaded.map((snapshot) => snapshot?.text)).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 100}`));
    });

    it('forgets a stream', async () => {
      const store = opened();
      await store.save('a', { revision: 5n, shape: 1, text: 'gone' });
      await store.remove('a');
      await store.remove('never there');
      expect(await store.load('a')).toBeUndefined();
    });
  });
}

/** What every checkpoint store promises. */
export function checkpointStoreContract(name: string, open: () => Promise<OpenedStore<CheckpointStore>>): void {
  describe(`${name} keeps the promises of a checkpoint store`, () => {
    const opened = openedForEach(open);

    it('places an unknown follower at the beginning', async () => {
      expect(await opened().load('nobody')).toBe(0n);
    });

    it('remembers each follower by itself', async () => {
      const store = opened();
      await store.save('bridge', 7n);
      await store.save('policy', 9_007_199_254_740_993n);
      expect([await store.load('bridge'), await store.load('policy')]).toEqual([7n, 9_007_199_254_740_993n]);
    });

    it('keeps the last of saves in quick succession, and can be set back', async () => {
      const store = opened();
      await Promise.all(Array.from({ length: 50 }, (_, index) => store.save('bridge', BigInt(index))));
      expect(await store.load('bridge')).toBe(49n);
      await store.save('bridge', 0n);
      expect(await store.load('bridge')).toBe(0n);
    });

    it('tells what all of some followers have passed', async () => {
      const store = opened();
      await store.save('bridge', 7n);
      await store.save('policy', 12n);
      await store.save('retired', 1n);
      expect(await store.lowest(['policy'])).toBe(12n);
      expect(await store.lowest(['bridge', 'policy'])).toBe(7n);
      expect(await store.lowest(['bridge', 'policy', 'never seen'])).toBe(0n);
    });
  });
}

/** What every archive promises. */
export function eventArchiveContract(name: string, open: () => Promise<OpenedStore<EventArchive>>): void {
  describe(`${name} keeps the promises of an archive of events`, () => {
    const opened = openedForEach(open);

    /** 600 events of `a` and `b` in turn, as a log has recorded them. */
    async function recorded() {
      const log = new MemoryEventLog();
      for (let index = 0; index < 600; index++)
        await log.append(index % 2 === 0 ? 'a' : 'b', BigInt(Math.floor(index / 2)) - 1n, events(`{"n":${index},"漢":"🚀"}`));
      return { all: await collect(log.readAll(0n)), a: await collect(log.readStream('a', 0n)), b: await collect(log.readStream('b', 0n)) };
    }
    const flat = async (batches: AsyncIterable<readonly unknown[]>) => (await collect(batches)).flat();

    it('gives back what it was given, by stream and as a whole, in order', async () => {
      const archive = opened();
      const { all, a, b } = await recorded();
      expect([await flat(archive.readAll(0n)), await collect(archive.readStream('a', 0n))]).toEqual([[], []]);
      await archive.keep(b.slice(0, 250));
      await archive.keep(a);
      await archive.keep(b.slice(250));
      expect(await flat(archive.readAll(0n))).toEqual(all);
      expect(await flat(archive.readAll(7n, 500n))).toEqual(all.slice(7, 500));
      expect(await collect(archive.readStream('b', 0n))).toEqual(b);
      expect(await collect(archive.readStream('b', 42n))).toEqual(b.slice(42));
    });

    it('takes nothing twice', async () => {
      const archive = opened();
      const { a } = await recorded();
      await archive.keep(a.slice(0, 20));
      await archive.keep(a.slice(10, 30));
      await archive.keep([]);
      expect(await collect(archive.readStream('a', 0n))).toEqual(a.slice(0, 30));
    });

    it('forgets a stream', async () => {
      const archive = opened();
      const { all, b } = await recorded();
      await archive.keep(all);
      await archive.remove('a');
      await archive.remove('never there');
      expect(await flat(archive.readAll(0n))).toEqual(b);
    });
  });
}

function openedForEach<Store>(open: () => Promise<OpenedStore<Store>>): () => Store {
  let opened: OpenedStore<Store>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close?.());
  return () => opened.store;
}
