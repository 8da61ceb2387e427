import { describe, expect, it } from 'vitest';
import { accept } from './decision.ts';
import { StreamTruncated, type NewEvent } from './event-log.ts';
import { MemoryEventArchive } from './memory-event-archive.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { MemorySnapshotStore } from './memory-stores.ts';
import type { ActorFold } from './actor-fold.ts';
import { StreamActor, type ActorOptions } from './stream-actor.ts';
import { collect } from './testing/gathering.ts';

/** Events are words, the state is the sentence. */
const sentence: ActorFold<{ words: readonly string[] }, string, undefined> = {
  initial: () => ({ words: [] }),
  evolve: (state, word) => void (state.words = [...state.words, word]),
  fork: (state) => ({ ...state }),
  absorb: (state, fork) => void Object.assign(state, fork),
  encode: (word) => ({ type: 'Said', data: word }),
  decode: (text) => text,
  snapshotShape: 7,
  takeSnapshot: ({ words }) => [words.slice(0, 1).join(), ...words.slice(1).map((word) => `,${word}`)],
  restoreSnapshot: (text) => ({ words: text.split(',') }),
  isOver: ({ words }) => words.includes('over'),
};

type Options = ActorOptions<string, undefined>;

function aHouse() {
  const folded: string[] = [];
  const stores = { log: new MemoryEventLog(), snapshots: new MemorySnapshotStore(), archive: new MemoryEventArchive() };
  const load = async (more: Partial<Options> = {}) => {
    folded.length = 0;
    const onCommitted: Options['onCommitted'] = (news) => folded.push(...news.map(({ event }) => event));
    return StreamActor.load('s', sentence, { ...stores, soleWriter: true, onCommitted, ...more });
  };
  /** Three words, a snapshot, one word. */
  const spoken = async () => {
    const actor = await load();
    await actor.submit(() => accept('one', 'two', 'three'));
    await actor.saveSnapshot();
    await actor.submit(() => accept('four'));
    return (await stores.snapshots.load('s'))!;
  };
  const truncate = async (before: bigint, archived = before) => {
    const events = await collect(stores.log.readStream('s', 0n));
    await stores.archive.keep(events.slice(0, Number(archived)));
    await stores.log.truncate('s', before);
  };
  return { ...stores, folded, load, spoken, truncate };
}

const all = ['one', 'two', 'three', 'four'];

describe('a stream is loaded', () => {
  it('from its snapshot and the events behind it', async () => {
    const { load, spoken, folded } = aHouse();
    await spoken();
    expect([(await load()).state.words, folded]).toEqual([all, ['four']]);
  });

  it.each<[string, (text: string) => string]>([
    ['was cut short', (text) => text.slice(0, -1)],
    ['was cut short after a piece', (text) => text.slice(0, text.lastIndexOf(','))],
    ['has another letter', (text) => text.replace('two', 'twO')],
    ['is empty', () => ''],
    ['was written by somebody else', () => 'one,two,three'],
  ])('from the log where the snapshot %s', async (_, damage) => {
    const { load, spoken, snapshots, folded } = aHouse();
    const snapshot = await spoken();
    await snapshots.save('s', { ...snapshot, text: damage(snapshot.text) });
    expect([(await load()).state.words, folded]).toEqual([all, all]);
  });

  it('from the log where the snapshot is of another shape', async () => {
    const { load, spoken, snapshots, folded } = aHouse();
    await snapshots.save('s', { ...(await spoken()), shape: 6 });
    expect([(await load()).state.words, folded]).toEqual([all, all]);
  });

  it('from the log where the snapshot knows of more than the log: the log was restored to an earlier time', async () => {
    const { load, spoken, snapshots, folded } = aHouse();
    await snapshots.save('s', { ...(await spoken()), revision: 9n });
    const actor = await load();
    expect([actor.state.words, actor.revision, folded]).toEqual([all, 3n, all]);
    await actor.submit(() => accept('five'));
    expect((await load()).state.words).toEqual([...all, 'five']);
  });

  it('from its snapshot alone where the log was truncated right behind it', async () => {
    const { load, spoken, truncate, folded } = aHouse();
    await spoken();
    await truncate(3n);
    expect([(await load()).state.words, folded]).toEqual([all, ['four']]);
  });

  it('from the archive and the log where it was truncated and the snapshot is of no use', async () => {
    const { load, spoken, truncate, snapshots, folded } = aHouse();
    await spoken();
    await truncate(2n);
    await snapshots.remove('s');
    expect([(await load()).state.words, folded]).toEqual([all, all]);
    await snapshots.save('s', { revision: 0n, shape: 7, text: '00000000\nolder' });
    expect((await load()).state.words).toEqual(all);
  });

  it('not at all where its beginning is nowhere', async () => {
    const { load, spoken, truncate, snapshots } = aHouse();
    await spoken();
    await truncate(2n, 1n);
    await snapshots.remove('s');
    await expect(load()).rejects.toThrow(StreamTruncated);
    await expect(load({ mayForget: (first) => first === 'one' })).rejects.toThrow(StreamTruncated);
  });

  it('from what is left where that may be all', async () => {
    const { load, spoken, truncate, snapshots } = aHouse();
    await spoken();
    await truncate(2n, 0n);
    await snapshots.remove('s');
    const actor = await load({ mayForget: (first) => first === 'three' });
    expect([actor.state.words, actor.revision]).toEqual([['three', 'four'], 3n]);
  });
});

describe('a snapshot is taken in the background', { timeout: 30_000 }, () => {
  const appended = (words: readonly string[]): NewEvent[] => words.map((data) => ({ id: crypto.randomUUID(), type: 'Said', data }));
  const taken = (stores: { snapshots: MemorySnapshotStore }) =>
    expect.poll(async () => (await stores.snapshots.load('s'))?.revision, { timeout: 20_000 });

  it('when a thousand events were appended since the last one', async () => {
    const house = aHouse();
    const actor = await house.load();
    for (let count = 0; count < 999; count++) await actor.submit(() => accept('word'));
    expect(await house.snapshots.load('s')).toBeUndefined();
    await actor.submit(() => accept('word'));
    await taken(house).toBe(999n);
  });

  it('when a few long ones were', async () => {
    const house = aHouse();
    const actor = await house.load();
    await actor.submit(() => accept('x'.repeat(1_200_000)));
    expect(await house.snapshots.load('s')).toBeUndefined();
    await actor.submit(() => accept('x'.repeat(1_200_000)));
    await taken(house).toBe(1n);
  });

  it('when much had to be folded at a load, so that the next one need not', async () => {
    const house = aHouse();
    await house.log.append('s', -1n, appended(Array.from({ length: 1000 }, () => 'word')));
    await house.load();
    await taken(house).toBe(999n);
  });

  it('but not of what is over', async () => {
    const house = aHouse();
    const actor = await house.load();
    await actor.submit(() => accept('over'));
    await actor.saveSnapshot();
    expect(await house.snapshots.load('s')).toBeUndefined();
  });
});
