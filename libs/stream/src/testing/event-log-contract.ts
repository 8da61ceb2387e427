import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noRevision, StreamTruncated } from '../event-log.ts';
import type { EventLog, RecordedEvent } from '../event-log.ts';
import { CountedPositions } from './counted-positions.ts';
import { collect, events, Gathering } from './gathering.ts';

/** A log that a spec opened, and how to let go of it. `log` must be empty. */
export type OpenedLog = { readonly log: EventLog; readonly close?: () => Promise<void> };

/** Where a log may differ from the others. */
export type LogTraits = {
  /** Whether positions are counted from 1, without gaps, or only grow. */
  readonly positions?: 'counted' | 'growing';
  /** Whether truncated events are gone from the whole log, too, or from their stream only until the store has cleaned up. */
  readonly forgets?: 'at once' | 'when cleaned';
  /** Whether one append may hold megabytes. A server may have been set up otherwise. */
  readonly takesMegabytes?: boolean;
};

/** What every event log promises. Every adapter runs it. */
export function eventLogContract(
  name: string,
  open: () => Promise<OpenedLog>,
  { positions = 'counted', forgets = 'at once', takesMegabytes = true }: LogTraits = {},
): void {
  describe(`${name} keeps the promises of an event log`, () => {
    let log: EventLog;
    let close: (() => Promise<void>) | undefined;
    beforeEach(async () => {
      ({ log, close } = await open());
      if (positions === 'growing') log = new CountedPositions(log);
    });
    afterEach(() => close?.());

    appending(() => log, takesMegabytes);
    reading(() => log);
    truncating(() => log, forgets);
    subscribing(() => log, positions);
  });
}

function appending(opened: () => EventLog, takesMegabytes: boolean): void {
  it('numbers revisions from 0 and positions from 1, both without gaps', async () => {
    const log = opened();
    expect(await log.append('a', noRevision, events('one', 'two'))).toEqual({ type: 'appended', revision: 1n, position: 2n });
    expect(await log.append('b', noRevision, events('three'))).toEqual({ type: 'appended', revision: 0n, position: 3n });
    expect(await log.append('a', 1n, events('four'))).toEqual({ type: 'appended', revision: 2n, position: 4n });
    expect(places(await collect(log.readStream('a', 0n)))).toEqual([
      [0n, 1n],
      [1n, 2n],
      [2n, 4n],
    ]);
  });

  it('answers a conflict with the head, and writes nothing', async () => {
    const log = opened();
    await log.append('a', noRevision, events('one', 'two'));
    expect(await log.append('a', noRevision, events('late'))).toEqual({ type: 'conflict', head: 1n });
    expect(await log.append('a', 7n, events('early'))).toEqual({ type: 'conflict', head: 1n });
    expect(await log.append('unknown', 0n, events('nothing is there'))).toEqual({ type: 'conflict', head: noRevision });
    expect(await log.headOfAll()).toBe(2n);
    expect(await log.head('unknown')).toBe(noRevision);
  });

  it('lets one of many writers at the same revision win', async () => {
    const log = opened();
    const writers = Array.from({ length: 20 }, (_, index) => log.append('a', noRevision, events(`writer ${index}`)));
    const results = await Promise.all(writers);
    expect(results.filter((result) => result.type === 'appended')).toHaveLength(1);
    expect(results.filter((result) => result.type === 'conflict').every((result) => result.head === 0n)).toBe(true);
    expect(await collect(log.readAll(0n))).toHaveLength(1);
  });

  it('takes concurrent writers on many streams, losing nothing and leaving no gap', async () => {
    const log = opened();
    await Promise.all(Array.from({ length: 16 }, (_, writer) => appendTimes(log, `s-${writer}`, 25)));
    const all = await collect(log.readAll(0n));
    expect(all.map((event) => event.position)).toEqual(Array.from({ length: 400 }, (_, index) => BigInt(index + 1)));
    for (let writer = 0; writer < 16; writer++) {
      const own = all.filter((event) => event.stream === `s-${writer}`);
      expect(own.map((event) => event.revision)).toEqual(Array.from({ length: 25 }, (_, index) => BigInt(index)));
      expect(own.map((event) => event.data)).toEqual(Array.from({ length: 25 }, (_, index) => `s-${writer} ${index}`));
    }
  });

  it('takes appends that are queued behind one another on one stream', async () => {
    const log = opened();
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => log.append('a', BigInt(index) - 1n, events(`${index}`))));
    expect(results.map((result) => result.type === 'appended' && result.revision)).toEqual(
      Array.from({ length: 10 }, (_, index) => BigInt(index)),
    );
  });

  it('answers a retry as it answered the first attempt, and writes it once', async () => {
    const log = opened();
    const batch = events('one', 'two');
    const first = await log.append('a', noRevision, batch);
    expect(await log.append('a', noRevision, batch)).toEqual(first);
    await log.append('b', noRevision, events('elsewhere'));
    await log.append('a', 1n, events('three'));
    expect(await log.append('a', noRevision, batch)).toEqual(first);
    expect(await collect(log.readStream('a', 0n))).toHaveLength(3);
  });

  it('takes a batch for a conflict when only part of it is recorded', async () => {
    const log = opened();
    const [one, two, three] = events('one', 'two', 'three');
    if (!one || !two || !three) throw new Error('three events were made');
    await log.append('a', noRevision, [one, two]);
    expect(await log.append('a', noRevision, [one, two, three])).toEqual({ type: 'conflict', head: 1n });
    expect(await log.append('a', noRevision, [two])).toEqual({ type: 'conflict', head: 1n });
    expect(await log.append('a', 0n, [two])).toMatchObject({ type: 'appended', revision: 1n, position: 2n });
  });

  it('has nothing to settle where every append was answered', async () => {
    const log = opened();
    await log.append('a', noRevision, events('one'));
    await expect(log.settle()).resolves.toBeUndefined();
    expect(await log.append('a', 0n, events('two'))).toMatchObject({ type: 'appended', revision: 1n });
  });

  it('throws for an append of nothing', async () => {
    await expect(opened().append('a', noRevision, [])).rejects.toThrow(RangeError);
  });

  it('keeps an append of thousands of events whole and in order', async () => {
    const log = opened();
    const batch = events(...Array.from({ length: 5000 }, (_, index) => `event ${index}`));
    expect(await log.append('a', noRevision, batch)).toEqual({ type: 'appended', revision: 4999n, position: 5000n });
    const read = await collect(log.readStream('a', 0n));
    expect(read.map((event) => event.id)).toEqual(batch.map((event) => event.id));
    expect(read.map((event) => event.data)).toEqual(batch.map((event) => event.data));
  });

  it('gives back exactly the text that it was given', async () => {
    const log = opened();
    const texts = [
      '',
      '{}',
      'quote " backslash \\ comma , brace } NULL',
      'zażółć 漢字 🚀 \u2028\n\t',
      "'; DROP TABLE events; --",
      'x'.repeat(takesMegabytes ? 3_000_000 : 300_000),
      '🚀'.repeat(takesMegabytes ? 200_000 : 20_000),
    ];
    await log.append('ström/漢 "{}', noRevision, events(...texts));
    const read = await collect(log.readStream('ström/漢 "{}', 0n));
    expect(read.map((event) => event.data === texts[Number(event.revision)])).toEqual(texts.map(() => true));
    expect(read.every((event) => event.stream === 'ström/漢 "{}' && event.type === 'Happened')).toBe(true);
  });
}

function reading(opened: () => EventLog): void {
  it('yields nothing for what is unknown or not yet written', async () => {
    const log = opened();
    expect(await collect(log.readStream('a', 0n))).toEqual([]);
    expect(await collect(log.readAll(0n))).toEqual([]);
    expect([await log.head('a'), await log.headOfAll()]).toEqual([noRevision, 0n]);
    await log.append('a', noRevision, events('one'));
    expect(await collect(log.readStream('a', 1n))).toEqual([]);
    expect(await collect(log.readAll(1n))).toEqual([]);
  });

  it('reads a stream from a revision, and everything after a position', async () => {
    const log = opened();
    await log.append('a', noRevision, events('one', 'two'));
    await log.append('b', noRevision, events('three'));
    await log.append('a', 1n, events('four'));
    expect((await collect(log.readStream('a', 1n))).map((event) => event.data)).toEqual(['two', 'four']);
    expect((await collect(log.readStream('a', 0n, 2))).map((event) => event.data)).toEqual(['one', 'two']);
    expect((await collect(log.readStream('a', 1n, 1))).map((event) => event.data)).toEqual(['two']);
    expect((await collect(log.readAll(1n))).map((event) => [event.stream, event.data])).toEqual([
      ['a', 'two'],
      ['b', 'three'],
      ['a', 'four'],
    ]);
    expect([await log.head('a'), await log.head('b'), await log.headOfAll()]).toEqual([2n, 0n, 4n]);
  });

  it('tells where a stream ends, and what comes next, to whoever has read a part of it', async () => {
    const log = opened();
    await log.append('a', noRevision, events('0', '1', '2'));
    await log.append('b', noRevision, events('other'));
    expect(await log.behind('unknown', noRevision)).toEqual({ head: noRevision, events: [] });
    expect(await log.behind('a', 2n)).toEqual({ head: 2n, events: [] });
    const asked = [noRevision, 0n, 1n, 1n].map(async (revision) => ({ revision, ...(await log.behind('a', revision)) }));
    const all = await collect(log.readStream('a', 0n));
    for (const { revision, head, events: told } of await Promise.all(asked)) {
      expect(head).toBe(2n);
      expect(told).toEqual(all.slice(Number(revision) + 1, Number(revision) + 1 + told.length));
    }
  });

  it('leaves no gap in what it tells of the end of a long stream', async () => {
    const log = opened();
    await log.append(
      'a',
      noRevision,
      events(...Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(index === 20 ? 50_000 : 10)}`)),
    );
    const { head, events: told } = await log.behind('a', 10n);
    expect(head).toBe(199n);
    expect(told.map(({ revision }) => revision)).toEqual(told.map((_, index) => BigInt(index) + 11n));
  });

  it('shows what was appended at once to whoever reads next', async () => {
    const log = opened();
    for (let revision = 0n; revision < 20n; revision++) {
      await log.append('a', revision - 1n, events(`${revision}`));
      expect((await collect(log.readStream('a', revision))).map((event) => event.data)).toEqual([`${revision}`]);
    }
  });
}

function truncating(opened: () => EventLog, forgets: 'at once' | 'when cleaned'): void {
  it('forgets what lies before, keeps the head and the places of the rest', async () => {
    const log = opened();
    await log.append('a', noRevision, events('0', '1', '2', '3'));
    await log.append('b', noRevision, events('other'));
    await log.truncate('a', 2n);
    await expect(collect(log.readStream('a', 0n))).rejects.toThrow(StreamTruncated);
    await expect(collect(log.readStream('a', 1n))).rejects.toMatchObject({ first: 2n });
    expect(places(await collect(log.readStream('a', 2n)))).toEqual([
      [2n, 3n],
      [3n, 4n],
    ]);
    const whole = places(await collect(log.readAll(0n)));
    expect(forgets === 'at once' ? whole : whole.filter(([, position]) => position > 2n)).toEqual([
      [2n, 3n],
      [3n, 4n],
      [0n, 5n],
    ]);
    expect([await log.head('a'), await log.headOfAll()]).toEqual([3n, 5n]);
    expect(await log.behind('a', 0n)).toEqual({ head: 3n, events: [] });
    for (const { revision } of (await log.behind('a', 1n)).events) expect(revision).toBeGreaterThan(1n);
    expect(await log.append('a', 3n, events('4'))).toEqual({ type: 'appended', revision: 4n, position: 6n });
  });

  it('can forget everything, and goes on counting', async () => {
    const log = opened();
    await log.append('a', noRevision, events('0', '1'));
    await log.truncate('a', 99n);
    await log.truncate('a', 1n);
    await log.truncate('unknown', 5n);
    await expect(collect(log.readStream('a', 1n))).rejects.toMatchObject({ first: 2n });
    expect(await collect(log.readStream('a', 2n))).toEqual([]);
    expect(await log.head('a')).toBe(1n);
    expect(await log.behind('a', 0n)).toEqual({ head: 1n, events: [] });
    expect(await log.append('a', noRevision, events('again'))).toEqual({ type: 'conflict', head: 1n });
    expect(await log.append('a', 1n, events('2'))).toEqual({ type: 'appended', revision: 2n, position: 3n });
    expect((await collect(log.readStream('a', 2n))).map((event) => event.data)).toEqual(['2']);
  });

  it('tells a subscriber that begins too low', async () => {
    const log = opened();
    await log.append('a', noRevision, events('0', '1'));
    await log.truncate('a', 1n);
    const gathering = new Gathering((signal) => log.subscribeStream('a', 0n, signal));
    await expect(gathering.ended).rejects.toThrow(StreamTruncated);
  });
}

function subscribing(opened: () => EventLog, positions: 'counted' | 'growing'): void {
  it('goes from the past of a stream into what is appended', async () => {
    const log = opened();
    await log.append('a', noRevision, events('0', '1'));
    await log.append('b', noRevision, events('other'));
    const gathering = new Gathering((signal) => log.subscribeStream('a', 1n, signal));
    await gathering.until(1);
    await log.append('b', 0n, events('another'));
    await log.append('a', 1n, events('2', '3'));
    await gathering.until(3);
    await gathering.stop();
    expect(gathering.events.map((event) => event.data)).toEqual(['1', '2', '3']);
  });

  it('waits for a stream that does not exist yet', async () => {
    const log = opened();
    const gathering = new Gathering((signal) => log.subscribeStream('a', 0n, signal));
    await log.append('a', noRevision, events('born'));
    await gathering.until(1);
    await gathering.stop();
    expect(places(gathering.events)).toEqual([[0n, 1n]]);
  });

  it('yields nothing below a revision that lies in the future', async () => {
    const log = opened();
    const ofStream = new Gathering((signal) => log.subscribeStream('a', 2n, signal));
    await appendTimes(log, 'a', 4);
    await ofStream.until(2);
    await ofStream.stop();
    expect(places(ofStream.events)).toEqual([
      [2n, 3n],
      [3n, 4n],
    ]);
  });

  it.runIf(positions === 'counted')('yields nothing below a position that lies in the future', async () => {
    const log = opened();
    const ofAll = new Gathering((signal) => log.subscribeAll(2n, signal));
    await appendTimes(log, 'a', 4);
    await ofAll.until(2);
    await ofAll.stop();
    expect(places(ofAll.events)).toEqual([
      [2n, 3n],
      [3n, 4n],
    ]);
  });

  it('misses and doubles nothing while many writers append', async () => {
    const log = opened();
    const ofAll: Gathering[] = [];
    const ofOne: Gathering[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let revision = 0; revision < 40; revision++) {
        if (revision % 10 === 5) {
          const after = await log.headOfAll();
          ofAll.push(
            new Gathering((signal) => log.subscribeAll(writer % 2 === 0 ? 0n : after, signal), writer % 2 === 0 ? 1n : after + 1n),
          );
          ofOne.push(new Gathering((signal) => log.subscribeStream(`s-${writer}`, BigInt(revision - 3), signal), BigInt(revision - 3)));
        }
        await log.append(`s-${writer}`, BigInt(revision) - 1n, events(`${revision}`));
      }
    });
    await Promise.all(writers);
    await Promise.all([
      ...ofAll.map((each) => each.until(320 + 1 - Number(each.first))),
      ...ofOne.map((each) => each.until(40 - Number(each.first))),
    ]);
    await Promise.all([...ofAll, ...ofOne].map((each) => each.stop()));
    for (const each of ofAll) expect(each.events.map((event) => event.position)).toEqual(range(each.first, 320n));
    for (const each of ofOne) expect(each.events.map((event) => event.revision)).toEqual(range(each.first, 39n));
  });

  it('catches up with a flood that came while the subscriber was busy', async () => {
    const log = opened();
    const controller = new AbortController();
    const iterator = log.subscribeAll(0n, controller.signal)[Symbol.asyncIterator]();
    await log.append('a', noRevision, events('first'));
    const seen = [...((await iterator.next()).value as readonly RecordedEvent[])];
    for (let flood = 0; flood < 4; flood++)
      await log.append(`flood-${flood}`, noRevision, events(...Array.from({ length: 2500 }, (_, index) => `${index}`)));
    while (seen.length < 10_001) seen.push(...((await iterator.next()).value as readonly RecordedEvent[]));
    controller.abort();
    expect(seen.map((event) => event.position)).toEqual(range(1n, 10_001n));
    expect((await iterator.next()).done).toBe(true);
  });

  it('serves many subscribers of one stream alike', async () => {
    const log = opened();
    const gatherings = Array.from({ length: 50 }, () => new Gathering((signal) => log.subscribeStream('a', 0n, signal)));
    await appendTimes(log, 'a', 10);
    await Promise.all(gatherings.map((each) => each.until(10)));
    await Promise.all(gatherings.map((each) => each.stop()));
    for (const each of gatherings) expect(each.events.map((event) => event.revision)).toEqual(range(0n, 9n));
  });

  it('ends promptly, and without an error, when aborted', async () => {
    const log = opened();
    await log.append('a', noRevision, events('one'));
    const before = new Gathering((signal) => log.subscribeAll(0n, signal));
    const stopped = before.stop();
    const waiting = [
      new Gathering((signal) => log.subscribeAll(1n, signal)),
      new Gathering((signal) => log.subscribeStream('a', 1n, signal)),
    ];
    await log.append('b', noRevision, events('two'));
    await waiting[0]?.until(1);
    const began = performance.now();
    await Promise.all([stopped, ...waiting.map((each) => each.stop())]);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(waiting[1]?.events).toEqual([]);
  });
}

const places = (recorded: readonly RecordedEvent[]): (readonly [bigint, bigint])[] =>
  recorded.map(({ revision, position }) => [revision, position]);

function range(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
}

async function appendTimes(log: EventLog, stream: string, times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    const result = await log.append(stream, BigInt(index) - 1n, events(`${stream} ${index}`));
    expect(result).toMatchObject({ type: 'appended', revision: BigInt(index) });
  }
}
