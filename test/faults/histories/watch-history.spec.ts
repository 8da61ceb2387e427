import { describe, expect, test } from 'vitest';
import type { Change } from './change.ts';
import { faultsOfWatches, type Follower, type WatchItem } from './watch-history.ts';

const change = (revision: number, type: Change['type'], name: string, content: string): Change => ({
  type,
  name,
  revision: BigInt(revision),
  content,
  cause: `c${revision}`,
});

const changes = [
  change(2, 'ADDED', 'a', 'red'),
  change(4, 'ADDED', 'b', 'blue'),
  change(5, 'MODIFIED', 'a', 'blue'),
  change(7, 'MODIFIED', 'b', 'red'),
  change(8, 'DELETED', 'a', 'blue'),
  change(9, 'ADDED', 'a', 'red'),
];
const events: readonly WatchItem[] = changes.map(({ cause: _, ...event }) => event);
const at = (...revisions: readonly number[]): readonly WatchItem[] => revisions.map((revision) => eventAt(revision));
const bookmark = (revision: number): WatchItem => ({ type: 'BOOKMARK', revision: BigInt(revision) });

function eventAt(revision: number): WatchItem {
  const found = events.find((event) => event.revision === BigInt(revision));
  if (!found) throw new Error(`nothing happens at ${revision}`);
  return found;
}

type Session = readonly [from: number, ...items: readonly WatchItem[]];
const follower = (...sessions: readonly Session[]): Follower => ({
  name: 'f',
  selects: () => true,
  sessions: sessions.map(([from, ...items]) => ({ from: BigInt(from), items })),
  reached: 9n,
});
const faults = (...sessions: readonly Session[]): readonly string[] => faultsOfWatches([follower(...sessions)], changes);

test('sound watches have no faults, however often they are cut, and with bookmarks', () => {
  expect(faults([0, ...events])).toEqual([]);
  expect(faults([2, ...at(4, 5)], [5], [5, ...at(7, 8, 9)])).toEqual([]);
  expect(faults([2, ...at(4, 5), bookmark(6)], [6, ...at(7), bookmark(7), bookmark(7), ...at(8, 9), bookmark(12)])).toEqual([]);
});

test('who selects is told of what comes in and goes out', () => {
  const [two, seven, nine] = [eventAt(2), eventAt(7), eventAt(9)];
  const out: WatchItem = { type: 'DELETED', name: 'a', revision: 5n, content: 'red' };
  const seventh: WatchItem = { type: 'ADDED', name: 'b', revision: 7n, content: 'red' };
  const reds = [two, out, seventh, nine];
  const ofReds = (...items: readonly WatchItem[]): readonly string[] =>
    faultsOfWatches([{ ...follower([0, ...items]), selects: ({ content }) => content === 'red' }], changes);
  expect(ofReds(...reds)).toEqual([]);
  expect(ofReds(two, out, seven, nine)).toEqual([expect.stringContaining('not atomic: MODIFIED b red at 7 was ADDED b red')]);
  expect(ofReds(two, ...reds.slice(2))).toEqual([expect.stringContaining('not reliable: DELETED a at 5 is missing')]);
  expect(ofReds(two, out, ...at(4), ...reds.slice(2))).toContainEqual(expect.stringContaining('not atomic: ADDED b at 4 is no change'));
});

describe('a watch that breaks one promise', () => {
  test('ordered', () => {
    expect(faults([0, ...at(2, 5, 4, 7, 8, 9)])).toEqual(['f is not ordered: 4 came after 5']);
    expect(faults([0, ...at(2, 4, 5)], [5, ...at(7, 9, 8)])).toEqual(['f is not ordered: 8 came after 9']);
  });

  test('unique, also over two watches', () => {
    expect(faults([0, ...at(2, 4, 4, 5, 7, 8, 9)])).toEqual(['f is not unique: 4 came twice']);
    expect(faults([0, ...at(2, 4, 5)], [4, ...at(5, 7, 8, 9)])).toEqual(['f is not unique: 5 came twice']);
  });

  test('atomic', () => {
    const mixed: WatchItem = { type: 'MODIFIED', name: 'a', revision: 5n, content: 'red' };
    expect(faults([0, ...at(2, 4), mixed, ...at(7, 8, 9)])).toEqual(['f is not atomic: MODIFIED a red at 5 was MODIFIED a blue']);
    const never: WatchItem = { type: 'MODIFIED', name: 'a', revision: 6n, content: 'red' };
    expect(faults([0, ...at(2, 4, 5), never, ...at(7, 8, 9)])).toEqual(['f is not atomic: MODIFIED a at 6 is no change that it asked for']);
  });

  test('reliable', () => {
    expect(faults([0, ...at(2, 4, 7, 8, 9)])).toEqual(['f is not reliable: MODIFIED a at 5 is missing']);
  });

  test('resumable', () => {
    expect(faults([0, ...at(2, 4, 5)], [5, ...at(8, 9)])).toEqual(['f is not resumable: MODIFIED b at 7 is missing']);
    expect(faults([4, ...at(4, 5, 7, 8, 9)])).toEqual(['f is not resumable: 4 came to a watch from 4']);
    expect(faults([0, ...at(2, 4, 5, 7)])).toEqual([
      'f is not resumable: DELETED a at 8 is missing',
      'f is not resumable: ADDED a at 9 is missing',
    ]);
    expect(faults([0, ...at(2)], [2])).toHaveLength(5);
  });

  test('bookmarkable', () => {
    expect(faults([0, ...at(2, 4), bookmark(5), ...at(5, 7, 8, 9)])).toEqual([
      'f is not bookmarkable: bookmark 5: MODIFIED a at 5 is missing',
      'f is not bookmarkable: 5 came after bookmark 5',
    ]);
    expect(faults([0, ...at(2, 4, 5), bookmark(7)], [7, ...at(8, 9)])).toEqual([
      'f is not bookmarkable: bookmark 7: MODIFIED b at 7 is missing',
    ]);
    expect(faults([0, ...at(2, 4), bookmark(4), bookmark(2), ...at(5, 7, 8, 9)])).toEqual([
      'f is not bookmarkable: bookmark 2 came after 4',
    ]);
  });
});
