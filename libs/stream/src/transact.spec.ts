import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { accept, refuse } from './decision.ts';
import type { Decision } from './decision.ts';
import { noRevision } from './event-log.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { collect, events } from './testing/gathering.ts';
import { transact } from './transact.ts';
import type { Fold } from './transact.ts';

const sums: Fold<number, number> = {
  initial: () => 0,
  evolve: (sum, added) => sum + added,
  decode: ({ data }) => Number(data),
  encode: (added) => ({ id: randomUUID(), type: 'Added', data: `${added}` }),
};

const atMost10 =
  (added: number) =>
  (sum: number): Decision<number, 'TooMuch'> =>
    sum + added > 10 ? refuse('TooMuch') : accept(added);

describe('transact', () => {
  it('decides on what the stream tells and records the news', async () => {
    const log = new MemoryEventLog();
    expect(await transact(log, 'a', sums, atMost10(4))).toEqual({ type: 'committed', revision: 0n, state: 4 });
    expect(await transact(log, 'a', sums, atMost10(5))).toEqual({ type: 'committed', revision: 1n, state: 9 });
    expect(await transact(log, 'a', sums, atMost10(2))).toEqual({ type: 'refused', refusal: 'TooMuch' });
    expect(await log.head('a')).toBe(1n);
  });

  it('records nothing where nothing is news', async () => {
    const log = new MemoryEventLog();
    expect(await transact(log, 'a', sums, () => accept())).toEqual({ type: 'committed', revision: noRevision, state: 0 });
    expect(await log.headOfAll()).toBe(0n);
  });

  it('decides again on what another writer left', async () => {
    const log = new MemoryEventLog();
    const outcomes = await Promise.all([
      transact(log, 'a', sums, atMost10(6)),
      transact(log, 'a', sums, atMost10(5)),
      transact(log, 'a', sums, atMost10(4)),
    ]);
    expect(outcomes.filter((outcome) => outcome.type === 'committed').length).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome.type === 'contended')).toEqual([]);
    const sum = (await collect(log.readStream('a', 0n))).reduce((total, { data }) => total + Number(data), 0);
    expect(sum).toBeLessThanOrEqual(10);
    expect(sum).toBeGreaterThan(5);
  });

  it('gives up when others are faster each time', async () => {
    const log = new MemoryEventLog();
    const outpaced = (sum: number): Decision<number, never> => {
      void log.append('a', BigInt(sum) - 1n, events('1'));
      return accept(1);
    };
    expect(await transact(log, 'a', sums, outpaced)).toEqual({ type: 'contended' });
    expect(await log.head('a')).toBe(4n);
  });
});
