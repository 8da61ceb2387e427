import { describe, expect, test } from 'vitest';
import type { Change } from './change.ts';
import { faultsOfOperations, type Asked, type Operation } from './linear-history.ts';

const change = (revision: number, type: Change['type'], name: string, content: string): Change => ({
  type,
  name,
  revision: BigInt(revision),
  content,
  cause: `w${revision}`,
});
const changes = [
  change(2, 'ADDED', 'a', 'one'),
  change(3, 'MODIFIED', 'a', 'two'),
  change(5, 'ADDED', 'b', 'one'),
  change(6, 'DELETED', 'a', 'two'),
  change(8, 'ADDED', 'a', 'three'),
];

const operation = (id: string, begun: number, ended: number | undefined, asked: Asked): Operation => ({ id, begun, ended, asked });
const write = (revision: number, begun: number, ended: number, name = 'a'): Operation =>
  operation(`w${revision}`, begun, ended, { type: 'write', name, revision: BigInt(revision) });
const get = (revision: number | undefined, begun: number, ended: number, name = 'a'): Operation => {
  const found = changes.find((each) => each.revision === BigInt(revision ?? 0));
  return operation('r', begun, ended, { type: 'get', name, found: found && { revision: found.revision, content: found.content } });
};
const list = (revision: number, items: readonly number[], begun: number, ended: number): Operation =>
  operation('l', begun, ended, {
    type: 'list',
    revision: BigInt(revision),
    items: changes.filter((each) => items.includes(Number(each.revision))),
  });
const refused = (because: Extract<Asked, { type: 'refused' }>['because'], begun: number, ended: number): Operation =>
  operation('n', begun, ended, { type: 'refused', name: 'a', because });

/** Each write takes from ten times its revision to that plus five. */
const writes = changes.map(({ revision, name }) => write(Number(revision), Number(revision) * 10, Number(revision) * 10 + 5, name));
const faults = (...more: readonly Operation[]): readonly string[] => faultsOfOperations([...writes, ...more], changes);

test('a sound history has no faults', () => {
  expect(faults(get(2, 26, 29), get(3, 36, 49), get(undefined, 66, 70), get(undefined, 1, 2), get(8, 90, 91))).toEqual([]);
  // While a write is on its way, what was before and what is after it are both right.
  expect(faults(get(2, 31, 33), get(3, 31, 33), get(3, 30, 61), get(undefined, 61, 64))).toEqual([]);
  expect(faults(list(3, [3], 36, 50), list(4, [3], 36, 50), list(5, [3, 5], 51, 60), list(8, [5, 8], 85, 99))).toEqual([]);
  expect(
    faults(refused({ type: 'moved', expects: 2n }, 36, 40), refused({ type: 'there' }, 36, 40), refused({ type: 'absent' }, 66, 70)),
  ).toEqual([]);
});

describe('a read', () => {
  test('that is older than what was acknowledged before it began is seen', () => {
    expect(faults(get(2, 36, 40))).toEqual(['get a (r): was so until 2, although 3 was passed before it began']);
    expect(faults(get(undefined, 26, 29))).toEqual(['get a (r): was so from 6 on, although 3 began after it ended']);
    expect(faults(list(3, [3], 56, 59))).toEqual(['list at 3 (l): was so until 3, although 5 was passed before it began']);
  });

  test('that is newer than what was begun before it ended is seen', () => {
    expect(faults(get(3, 26, 29))).toEqual(['get a (r): was so from 3 on, although 3 began after it ended']);
    expect(faults(list(5, [3, 5], 36, 49))).toEqual(['list at 5 (l): was so from 5 on, although 5 began after it ended']);
  });

  test('that goes back behind another read is seen, although the write has no answer yet', () => {
    const slow = [...writes.filter(({ id }) => id !== 'w3'), operation('w3', 30, undefined, { type: 'unknown', name: 'a' })];
    expect(faultsOfOperations([...slow, get(2, 31, 35), get(3, 36, 40)], changes)).toEqual([]);
    expect(faultsOfOperations([...slow, get(3, 31, 35), get(2, 36, 40)], changes)).toEqual([
      'get a (r): was so until 2, although 3 was passed before it began',
    ]);
  });

  test('of what never was is seen', () => {
    const found = { revision: 3n, content: 'never' };
    expect(faults(operation('r', 36, 40, { type: 'get', name: 'a', found }))).toEqual(['get a (r): was never so']);
    expect(faults(list(5, [2, 5], 51, 60))).toEqual(['list at 5 (l): has a as 2, at 5 it was 3']);
    expect(faults(list(5, [5], 51, 60))).toEqual(['list at 5 (l): has a as absent, at 5 it was 3']);
    expect(faults(list(3, [3, 5], 36, 50))).toEqual(['list at 3 (l): has b as 5, at 3 it was absent']);
    const strange = operation('l', 36, 50, { type: 'list', revision: 3n, items: [changes[1]!, { ...changes[1]!, name: 'c' }] });
    expect(faults(strange)).toEqual(['list at 3 (l): has c, which never was']);
    const twice = operation('l', 36, 50, { type: 'list', revision: 3n, items: [changes[1]!, changes[1]!] });
    expect(faults(twice)).toEqual(['list at 3 (l): names an object twice']);
  });
});

describe('a write', () => {
  test('that stands before one that was acknowledged before it began is seen', () => {
    expect(faultsOfOperations([write(3, 10, 15), write(2, 20, 25)], changes)).toEqual([
      'write a (w2): stands at 2, although 3 was passed before it began',
    ]);
    expect(faultsOfOperations([write(5, 10, 15, 'b'), write(3, 20, 25)], changes)).toEqual([
      'write a (w3): stands at 3, although 5 was passed before it began',
    ]);
  });

  test('that is lost, doubled, or stands elsewhere than was answered is seen', () => {
    expect(faults(operation('other', 90, 95, { type: 'write', name: 'a' }))).toEqual([
      'write a (other): was acknowledged, and took no effect',
    ]);
    const doubled = [...changes, { ...change(9, 'MODIFIED', 'a', 'three'), cause: 'w8' }];
    expect(faultsOfOperations(writes, doubled)).toEqual(['write a (w8): took effect 2 times']);
    expect(faultsOfOperations([operation('w8', 80, 85, { type: 'write', name: 'a', revision: 7n })], changes)).toEqual([
      'write a (w8): was answered as 7, and stands at 8',
    ]);
    expect(faultsOfOperations([write(5, 50, 55, 'a')], changes)).toEqual(['write a (w5): changed b']);
    expect(faults(operation('unknown', 90, undefined, { type: 'unknown', name: 'a' }))).toEqual([]);
  });

  test('that replaces another version than it was to is seen', () => {
    const put = (expects: bigint): Operation => operation('w3', 30, 35, { type: 'write', name: 'a', revision: 3n, expects });
    expect(faultsOfOperations([put(2n)], changes)).toEqual([]);
    expect(faultsOfOperations([put(1n)], changes)).toEqual(['write a (w3): was to replace 1, and replaced 2']);
  });

  test('that changes nothing answers what is there', () => {
    const idle = (revision: bigint): Operation => operation('idle', 36, 40, { type: 'write', name: 'a', revision });
    expect(faults(idle(3n))).toEqual([]);
    expect(faults(idle(2n))).toEqual(['write a (idle): was so until 2, although 3 was passed before it began']);
  });

  test('that is refused, and done all the same, is seen', () => {
    const denied = operation('w8', 80, 85, { type: 'refused', name: 'a', because: { type: 'there' } });
    expect(faultsOfOperations([denied], changes)).toEqual(['refused a (w8): took effect all the same, at 8']);
  });

  test('that is refused without a reason is seen', () => {
    expect(faults(refused({ type: 'moved', expects: 3n }, 36, 49))).toEqual([
      'refused a (n): was so from 8 on, although 5 began after it ended',
    ]);
    expect(faults(refused({ type: 'there' }, 66, 70))).toEqual(['refused a (n): was so from 8 on, although 8 began after it ended']);
    expect(faults(refused({ type: 'absent' }, 36, 49))).toEqual(['refused a (n): was so from 6 on, although 5 began after it ended']);
  });
});
