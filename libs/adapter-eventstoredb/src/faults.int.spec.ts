import { inspect } from 'node:util';
import { binaryEvent } from '@eventstore/db-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppendTooLarge, LogUnavailable, noRevision, StreamTruncated } from '#stream';
import { collect, events, Gathering } from '#testing/stream';
import { startStandIn, type StandIn, type StandInOptions } from '../../../test/stand-ins/eventstoredb/stand-in.ts';
import { parseConnectionString } from './connection-string.ts';
import { EventStoreEventLog, type EventStoreEventLogOptions } from './event-store-event-log.ts';
import { LogClient } from './log-client.ts';

const prefix = 'spec.';

async function openLog(options: Omit<EventStoreEventLogOptions, 'prefix'>): Promise<EventStoreEventLog> {
  const log = await EventStoreEventLog.open({ prefix, ...options });
  onTestFinished(() => log.close());
  return log;
}

async function given(options: StandInOptions = {}, patience: { patienceMs?: number; attemptMs?: number } = {}) {
  const standIn = await startStandIn(options);
  onTestFinished(() => standIn.stop());
  return { standIn, log: await openLog({ url: standIn.url, ...patience }) };
}

const keptIn = (standIn: StandIn): number => standIn.streams.all.filter(({ stream }) => stream.startsWith(prefix)).length;
const grows = (positions: readonly bigint[]): boolean =>
  positions.every((position, index) => index === 0 || position > positions[index - 1]!);

describe('an append without an answer', () => {
  const lost = ['cut after commit', 'timeout after commit', 'silent after commit'] as const;
  it.each(lost.flatMap((fault) => [true, false].map((tellsRepeats) => [fault, tellsRepeats] as const)))(
    'is kept once, and answered rightly: %s (place of repeats told: %s)',
    async (fault, tellsRepeats) => {
      const { standIn, log } = await given({ tellsRepeats }, { attemptMs: 1_500 });
      await log.append('a', noRevision, events('before'));
      standIn.faults.onNextAppend(fault);
      const appended = await log.append('a', 0n, events('once', 'only'));
      expect(appended).toMatchObject({ type: 'appended', revision: 2n });
      expect(standIn.faults.appendCalls).toBe(3);
      expect(keptIn(standIn)).toBe(3);
      const last = (await collect(log.readStream('a', 2n)))[0];
      expect(appended).toMatchObject({ position: last?.position });
    },
  );

  it('is asked for again while the server drops what its followers do not have yet', async () => {
    const { standIn, log } = await given({}, { attemptMs: 500 });
    standIn.faults.onNextAppend('timeout after commit', 'dropped', 'dropped');
    expect(await log.append('a', noRevision, events('one'))).toMatchObject({ type: 'appended', revision: 0n });
    expect([standIn.faults.appendCalls, keptIn(standIn)]).toEqual([4, 1]);
  });

  it('is asked for again where it was lost on the way there', async () => {
    const { standIn, log } = await given();
    standIn.faults.onNextAppend('cut before commit', 'cut before commit');
    expect(await log.append('a', noRevision, events('one'))).toMatchObject({ type: 'appended', revision: 0n });
    expect([standIn.faults.appendCalls, keptIn(standIn)]).toEqual([3, 1]);
  });

  it('is the same at every attempt: lost on the way there, then kept without an answer', async () => {
    const { standIn, log } = await given();
    standIn.faults.onNextAppend('cut before commit', 'cut after commit');
    const batch = events('one');
    expect(await log.append('a', noRevision, batch)).toMatchObject({ type: 'appended', revision: 0n });
    expect((await collect(log.readStream('a', 0n))).map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
  });

  it('is found again where the server takes the repeated one for another’s', async () => {
    const { standIn, log } = await given();
    standIn.faults.onNextAppend('cut after commit', 'not recognised');
    expect(await log.append('a', noRevision, events('one', 'two'))).toMatchObject({ type: 'appended', revision: 1n });
    expect(keptIn(standIn)).toBe(2);
  });

  it('is a conflict where another was faster meanwhile', async () => {
    const { standIn, log } = await given();
    const other = await openLog({ url: standIn.url });
    standIn.faults.onNextAppend('cut before commit');
    const mine = log.append('a', noRevision, events('mine'));
    const theirs = other.append('a', noRevision, events('theirs'));
    const results = await Promise.all([mine, theirs]);
    expect(results.map(({ type }) => type).sort()).toEqual(['appended', 'conflict']);
    expect(keptIn(standIn)).toBe(1);
  });

  it('that takes its time is not overtaken by the next one to its stream', async () => {
    const { standIn, log } = await given();
    standIn.faults.onNextAppend({ delayMs: 100 });
    const results = await Promise.all([0n, 1n, 2n].map((revision) => log.append('a', revision - 1n, events(`${revision}`))));
    expect(results.map(({ type }) => type)).toEqual(['appended', 'appended', 'appended']);
  });

  it('is LogUnavailable when patience has run out, and is found again by its ids', async () => {
    const { standIn, log } = await given({}, { patienceMs: 200, attemptMs: 300 });
    standIn.faults.onNextAppend(...Array.from({ length: 20 }, () => 'silent after commit' as const));
    const batch = events('kept');
    await expect(log.append('a', noRevision, batch)).rejects.toThrow(LogUnavailable);
    expect(keptIn(standIn)).toBe(1);
    standIn.faults.forget();
    const direct = await openLog({ url: standIn.url });
    expect(await direct.append('a', noRevision, batch)).toMatchObject({ type: 'appended', revision: 0n });
    expect(keptIn(standIn)).toBe(1);
  });
});

describe('a cluster', () => {
  it('is asked for its leader, and appends follow it when it changes', async () => {
    const { standIn, log } = await given({ nodes: 3 });
    await log.append('a', noRevision, events('one'));
    standIn.elect(2);
    expect(await log.append('a', 0n, events('two'))).toMatchObject({ type: 'appended', revision: 1n });
    expect((await collect(log.readStream('a', 0n))).map(({ data }) => data)).toEqual(['one', 'two']);
  });

  it('sends on whoever knows one node only, which does not lead', async () => {
    const { standIn } = await given({ nodes: 2 });
    const log = await openLog({ url: `esdb://localhost:${standIn.nodes[1]!.port}?tls=false` });
    expect(await log.append('a', noRevision, events('one'))).toMatchObject({ type: 'appended' });
    expect(await log.head('a')).toBe(0n);
  });

  it('is waited for while nobody leads it', async () => {
    const { standIn, log } = await given({ nodes: 3 });
    await log.append('a', noRevision, events('one'));
    standIn.elect();
    const waiting = [log.append('a', 0n, events('two')), log.head('b')] as const;
    await expect.poll(() => standIn.faults.leaderless, { timeout: 20_000 }).toBeGreaterThan(2);
    standIn.elect(1);
    expect(await Promise.all(waiting)).toMatchObject([{ type: 'appended', revision: 1n }, noRevision]);
  });

  it('is waited for while it elects, and survives the loss of its leader under load', async () => {
    const { standIn, log } = await given({ nodes: 3 });
    const seen = new Gathering((signal) => log.subscribeAll(0n, signal));
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let revision = 0; revision < 10; revision++) {
        if (writer === 0 && revision === 4) {
          standIn.nodes[0]!.front.goAway(true);
          standIn.elect(1);
        }
        const result = await log.append(`s-${writer}`, BigInt(revision) - 1n, events(`${revision}`));
        expect(result).toMatchObject({ type: 'appended', revision: BigInt(revision) });
      }
    });
    await Promise.all(writers);
    await seen.until(40);
    await seen.stop();
    expect(keptIn(standIn)).toBe(40);
    expect(grows(seen.events.map(({ position }) => position))).toBe(true);
  });
});

describe('a cluster that is away altogether', () => {
  it('is LogUnavailable to everybody who asks at once, and heals', async () => {
    const { standIn, log } = await given({ nodes: 3 }, { patienceMs: 300, attemptMs: 1_000 });
    await log.append('a', noRevision, events('before'));
    for (const { front } of standIn.nodes) front.goAway(true);
    const asked = Array.from({ length: 10 }, (_, index) => [log.append(`s-${index}`, noRevision, events('lost')), log.head('a')]).flat();
    const failures = (await Promise.allSettled(asked)).map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as unknown) : outcome.value,
    );
    for (const failure of failures) expect(failure).toBeInstanceOf(LogUnavailable);
    for (const { front } of standIn.nodes) front.goAway(false);
    await expect.poll(() => log.head('a').catch(() => undefined), { timeout: 20_000 }).toBe(0n);
  });
});

describe('a client whose connection was closed', () => {
  it('fails whoever appends, and does not leave them waiting', async () => {
    const { standIn } = await given();
    const client = new LogClient(parseConnectionString(standIn.url));
    const append = () => client.appendToStream('spec.a', binaryEvent({ type: 'x', data: Buffer.from('x') }), { expectedRevision: 'any' });
    await append();
    await client.close();
    await expect(append()).rejects.toThrow('closed');
  });
});

describe('a reconnection while no leader can be found', () => {
  it('ends without a rejection that nobody takes', async () => {
    const client = new LogClient(parseConnectionString('esdb://127.0.0.1:9,127.0.0.1:19?tls=false'));
    const search = client.appendToStream('a', binaryEvent({ type: 'x', data: Buffer.from('x') }), { expectedRevision: 'any' });
    const { handleError } = client as unknown as { handleError: (client: object, failure: Error) => Promise<void> };
    const unavailable = Object.assign(new Error('away'), { code: 14 });
    await expect(Promise.allSettled([handleError({ getChannel: () => undefined }, unavailable), search])).resolves.toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected' },
    ]);
  });
});

describe('the server is asked', () => {
  it('once for an append, and once for a head', async () => {
    const { standIn, log } = await given();
    // Two pages for the head of all, and the one subscription.
    await expect.poll(() => standIn.faults.readCalls, { timeout: 20_000 }).toBe(3);
    const asked = async (call: Promise<unknown>): Promise<[number, number]> => {
      const { appendCalls, readCalls } = standIn.faults;
      await call;
      return [standIn.faults.appendCalls - appendCalls, standIn.faults.readCalls - readCalls];
    };
    expect(await asked(log.append('a', noRevision, events('0', '1')))).toEqual([1, 0]);
    expect(await asked(log.append('a', noRevision, events('late')))).toEqual([1, 0]);
    expect(await asked(log.head('a'))).toEqual([0, 1]);
    expect(await asked(log.head('unknown'))).toEqual([0, 1]);
    expect(await asked(collect(log.readStream('a', 0n)))).toEqual([0, 1]);
  });
});

describe('a read', () => {
  it('of a stream that has nothing new asks once', async () => {
    const { standIn, log } = await given();
    await log.append('a', noRevision, events('0', '1'));
    const { readCalls } = standIn.faults;
    expect(await collect(log.readStream('a', 2n))).toEqual([]);
    expect(standIn.faults.readCalls - readCalls).toBe(1);
  });
});

describe('a log that is closed', () => {
  it('lets go at once, and keeps nobody waiting', async () => {
    const { standIn } = await given();
    const log = await EventStoreEventLog.open({ url: standIn.url, prefix });
    const seen = new Gathering((signal) => log.subscribeAll(0n, signal));
    await log.append('a', noRevision, events('one'));
    await seen.until(1);
    await seen.stop();
    const began = performance.now();
    await log.close();
    await expect(log.append('a', 0n, events('late'))).rejects.toThrow(LogUnavailable);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a subscription', () => {
  it('that is cut midway, again and again, goes on without loss or doubling', async () => {
    const { standIn, log } = await given();
    for (let round = 0; round < 20; round++)
      await log.append('a', BigInt(round * 10) - 1n, events(...Array.from({ length: 10 }, () => 'past')));
    for (let cut = 0; cut < 3; cut++) {
      standIn.faults.cutAfterDeliveries(37);
      const seen = new Gathering((signal) => log.subscribeAll(0n, signal));
      await seen.until(200);
      await seen.stop();
      expect(seen.events.map(({ revision }) => revision)).toEqual(Array.from({ length: 200 }, (_, index) => BigInt(index)));
    }
  });

  it('goes on with what was appended by others while it was cut, over events of the server’s own', async () => {
    const { standIn, log } = await given();
    const other = await openLog({ url: standIn.url });
    const [all, one] = [
      new Gathering((signal) => log.subscribeAll(0n, signal)),
      new Gathering((signal) => log.subscribeStream('a', 0n, signal)),
    ];
    for (let revision = 0; revision < 30; revision++) {
      if (revision % 10 === 5) standIn.cut();
      standIn.streams.systemNoise(50);
      await other.append('a', BigInt(revision) - 1n, events(`${revision}`));
    }
    await Promise.all([all.until(30), one.until(30)]);
    await Promise.all([all.stop(), one.stop()]);
    for (const { events: seen } of [all, one])
      expect(seen.map(({ data }) => data)).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`));
  });

  it('whose follower is slow loses nothing', async () => {
    const { log } = await given();
    const controller = new AbortController();
    const slow = log.subscribeAll(0n, controller.signal)[Symbol.asyncIterator]();
    await log.append('first', noRevision, events('first'));
    let seen = ((await slow.next()).value as readonly unknown[]).length;
    for (let flood = 0; flood < 3; flood++)
      await log.append(`flood-${flood}`, noRevision, events(...Array.from({ length: 1_500 }, () => 'x')));
    while (seen < 4_501) seen += ((await slow.next()).value as readonly unknown[]).length;
    controller.abort();
    expect(seen).toBe(4_501);
  });
});

describe('the head of the whole log', () => {
  it('is our own last event, however much the server or others wrote since', async () => {
    const { standIn, log } = await given();
    expect(await log.headOfAll()).toBe(0n);
    const { position } = (await log.append('a', noRevision, events('one'))) as { position: bigint };
    standIn.streams.systemNoise(1_000);
    const others = await EventStoreEventLog.open({ url: standIn.url, prefix: 'others.' });
    onTestFinished(() => others.close());
    await others.append('a', noRevision, events('theirs'));
    expect([await log.headOfAll(), await log.headOfAll()]).toEqual([position, position]);
    expect((await collect(log.readAll(0n))).map(({ data }) => data)).toEqual(['one']);
    expect((await collect(others.readAll(0n))).map(({ data }) => data)).toEqual(['theirs']);
  });
});

describe('what was truncated', () => {
  it('is gone from the whole log when the server was scavenged, and positions still mean the same', async () => {
    const { standIn, log } = await given();
    await log.append('a', noRevision, events('0', '1', '2'));
    await log.append('b', noRevision, events('other'));
    await log.truncate('a', 2n);
    await expect(collect(log.readStream('a', 1n))).rejects.toThrow(StreamTruncated);
    const before = await collect(log.readAll(0n));
    standIn.streams.scavenge();
    expect((await collect(log.readAll(0n))).map(({ data }) => data)).toEqual(['2', 'other']);
    expect(await collect(log.readAll(before[2]!.position))).toEqual(before.slice(3));
  });

  it('stays truncated by the farthest of several processes', async () => {
    const { standIn, log } = await given();
    const other = await openLog({ url: standIn.url });
    await log.append('a', noRevision, events('0', '1', '2', '3'));
    await Promise.all([log.truncate('a', 2n), other.truncate('a', 3n), log.truncate('a', 1n)]);
    await expect(collect(log.readStream('a', 0n))).rejects.toMatchObject({ first: 3n });
  });
});

describe('a server that refuses', () => {
  it.each([
    [{ appendBytesMax: 1_000 }, ['x'.repeat(600), 'x'.repeat(600)], 'Maximum Append Size of 1000'],
    [{ eventBytesMax: 500 }, ['x'.repeat(600)], 'Maximum Append Event Size of 500'],
    // The refusal is there long before all is sent.
    [{ appendBytesMax: 1_000 }, Array.from({ length: 200 }, () => 'x'.repeat(100_000)), 'Maximum Append Size of 1000'],
  ])('names the limit at once when an append is larger than it takes: %j', async (limits, texts, message) => {
    const { standIn, log } = await given(limits);
    const failure = await log.append('a', noRevision, events(...texts)).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(AppendTooLarge);
    expect((failure as Error).message).toContain(message);
    expect(await log.append('a', noRevision, events('x'))).toMatchObject({ type: 'appended' });
    expect(keptIn(standIn)).toBe(1);
  });

  it('is LogUnavailable where somebody deleted a stream in it', async () => {
    const { standIn, log } = await given();
    await log.append('a', noRevision, events('one', 'two'));
    await log.append('b', noRevision, events('one'));
    standIn.streams.delete('spec.a', 'softly');
    await expect(log.append('a', noRevision, events('three'))).rejects.toThrow('stream a was deleted in the server');
    standIn.streams.delete('spec.b', 'for ever');
    await expect(log.append('b', 0n, events('two'))).rejects.toThrow(LogUnavailable);
    await expect(log.head('b')).rejects.toThrow(LogUnavailable);
    await expect(collect(log.readStream('b', 0n))).rejects.toThrow(LogUnavailable);
  });

  it('is LogUnavailable while it is not there, and heals', async () => {
    const { standIn, log } = await given({}, { patienceMs: 200, attemptMs: 500 });
    await log.append('a', noRevision, events('before'));
    standIn.nodes[0]!.front.goAway(true);
    await expect(log.append('b', noRevision, events('lost'))).rejects.toThrow(LogUnavailable);
    await expect(log.head('a')).rejects.toThrow(LogUnavailable);
    standIn.nodes[0]!.front.goAway(false);
    await expect.poll(() => log.head('a').catch(() => undefined), { timeout: 20_000 }).toBe(0n);
    expect(await log.append('a', 0n, events('after'))).toMatchObject({ type: 'appended', revision: 1n });
  });

  it('cannot be opened where nothing listens', async () => {
    await expect(EventStoreEventLog.open({ url: 'esdb://me:s3cret@127.0.0.1:9?tls=false', prefix, patienceMs: 50 })).rejects.toThrow(
      LogUnavailable,
    );
  });
});

describe('a user without rights', () => {
  it('is told which are needed', async () => {
    const standIn = await startStandIn({ tls: true, user: { name: 'me', password: 's3cret', readsAll: false } });
    onTestFinished(() => standIn.stop());
    await expect(EventStoreEventLog.open({ url: standIn.url, prefix })).rejects.toThrow(/Access Denied.*allowed to read \$all/);
    await expect(EventStoreEventLog.open({ url: standIn.url.replace('me:s3cret@', ''), prefix })).rejects.toThrow(LogUnavailable);
  });
});

describe('over TLS', () => {
  it('asks with its password, and repeats it nowhere when it is refused', async () => {
    const standIn = await startStandIn({ tls: true, user: { name: 'me', password: 's3cret' } });
    onTestFinished(() => standIn.stop());
    const log = await openLog({ url: standIn.url });
    expect(await log.append('a', noRevision, events('sealed'))).toMatchObject({ type: 'appended' });
    const wrong = await EventStoreEventLog.open({ url: standIn.url.replace('s3cret', 'wr0ng'), prefix }).catch(
      (failure: unknown) => failure,
    );
    expect(wrong).toBeInstanceOf(LogUnavailable);
    expect((wrong as Error).message).toContain('the name or the password in EVENTSTORE_URL is wrong');
    expect(inspect(wrong, { depth: 20, showHidden: true })).not.toMatch(/wr0ng|s3cret|bWU6/);
  });
});
