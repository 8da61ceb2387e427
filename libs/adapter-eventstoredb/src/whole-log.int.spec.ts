import { describe, expect, it, onTestFinished } from 'vitest';
import type { RecordedEvent } from '#stream';
import { collect } from '#testing/stream';
import { startStandIn } from '../../../test/stand-ins/eventstoredb/stand-in.ts';
import { parseConnectionString } from './connection-string.ts';
import { LogClient } from './log-client.ts';
import { Patience } from './patience.ts';
import { StreamNames, toldUpTo, type Place } from './recorded.ts';
import { WholeLog } from './whole-log.ts';

async function given() {
  const standIn = await startStandIn();
  const client = new LogClient(parseConnectionString(standIn.url));
  onTestFinished(async () => {
    await client.close();
    standIn.stop();
  });
  const whole = new WholeLog(client, new StreamNames('spec.'), new Patience({ patienceMs: 2_000, attemptMs: 2_000 }));
  const append = (stream: string, expected: bigint | 'no_stream'): void => {
    const event = { id: crypto.randomUUID(), type: 'Happened', contentType: 'application/octet-stream', body: Buffer.from('news') };
    expect(standIn.streams.append(`spec.${stream}`, expected, [event])).toMatchObject({ type: 'success' });
  };
  return { standIn, whole, append };
}

/** Follows until all is told that was there. */
async function followToPresent(
  whole: WholeLog,
  after: Place,
): Promise<{ readonly events: readonly RecordedEvent[]; readonly place: Place }> {
  const events: RecordedEvent[] = [];
  for await (const told of whole.follow(after, { silenceMs: 10_000 })) {
    events.push(...told.events);
    if (told.isPresent) return { events, place: told.place };
  }
  throw new Error('the subscription ended');
}

const start: Place = { commit: 0n, prepare: 0n };

describe('a subscription to the whole log', () => {
  it('loses nothing where a checkpoint stands before a record that is yet to come', async () => {
    const { standIn, whole, append } = await given();
    // With the one event that is there, a page of the server is full.
    standIn.streams.systemNoise(31);
    const { place } = await followToPresent(whole, start);
    expect(place).toEqual({ commit: standIn.streams.end, prepare: 0n });
    append('a', 'no_stream');
    const { events } = await followToPresent(whole, place);
    expect(events.map(({ position }) => position)).toEqual([place.commit]);
    expect(toldUpTo(place)).toBeLessThan(place.commit);
  });

  it('goes on from its checkpoint over what others wrote', async () => {
    const { standIn, whole, append } = await given();
    append('a', 'no_stream');
    standIn.streams.systemNoise(1_000);
    const first = await followToPresent(whole, start);
    expect(first.events).toHaveLength(1);
    expect(toldUpTo(first.place)).toBeGreaterThan(first.events[0]!.position);
    append('a', 0n);
    expect((await followToPresent(whole, first.place)).events.map(({ revision }) => revision)).toEqual([1n]);
  });
});

describe('reading the whole log', () => {
  it('ends at the present also where its last event is gone: somebody deleted the stream in the server', async () => {
    const { standIn, whole, append } = await given();
    append('a', 'no_stream');
    append('b', 'no_stream');
    await whole.head();
    standIn.streams.delete('spec.b', 'for ever');
    standIn.streams.scavenge();
    expect((await collect(whole.batches(0n))).flat().map(({ stream }) => stream)).toEqual(['a']);
  });

  it('fails where no record begins, and says so at once', async () => {
    const { whole, append } = await given();
    append('a', 'no_stream');
    const head = await whole.head();
    await expect(collect(whole.batches(head - 1n))).rejects.toThrow(RangeError);
    await expect(collect(whole.batches(head - 1n))).rejects.toThrow('not a position of this log');
  });
});
