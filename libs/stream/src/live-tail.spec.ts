import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RecordedEvent } from './event-log.ts';
import { LiveTail } from './live-tail.ts';
import type { ReadPast } from './live-tail.ts';
import { Gathering } from './testing/gathering.ts';

const event = (position: number): RecordedEvent => ({
  id: `${position}`,
  type: 'Happened',
  data: '',
  stream: 'a',
  revision: BigInt(position - 1),
  position: BigInt(position),
});
const range = (first: number, last: number): RecordedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => event(first + index));
const positions = (gathering: Gathering): number[] => gathering.events.map(({ position }) => Number(position));

/** A log whose past can be read up to `head`, page by page, once `open` was called. */
function given(head: number) {
  const tail = new LiveTail();
  const kept = { head };
  let reads = 0;
  const gate = Promise.withResolvers<void>();
  const past: ReadPast = async function* (from) {
    reads++;
    await gate.promise;
    if (from <= BigInt(kept.head)) yield range(Number(from), kept.head);
  };
  const follow = () => new Gathering((signal) => tail.followAll(1n, signal, past));
  return { tail, kept, follow, reads: () => reads, open: () => gate.resolve() };
}

describe('LiveTail', () => {
  it('drops what was published while the past, which had it too, was read', async () => {
    const { tail, follow, open } = given(3);
    const gathering = follow();
    tail.publish(range(2, 4));
    tail.publish(range(5, 5));
    open();
    await gathering.until(5);
    await gathering.stop();
    expect(positions(gathering)).toEqual([1, 2, 3, 4, 5]);
  });

  it('reads the past again when more was published than it keeps', async () => {
    const { tail, kept, follow, open, reads } = given(1);
    open();
    const gathering = follow();
    await gathering.until(1);
    kept.head = 10_000;
    for (let first = 2; first <= 10_000; first += 1000) tail.publish(range(first, Math.min(first + 999, 10_000)));
    await gathering.until(10_000);
    tail.publish(range(10_001, 10_001));
    await gathering.until(10_001);
    await gathering.stop();
    expect(reads()).toBe(2);
    expect(positions(gathering)).toEqual(range(1, 10_001).map(({ position }) => Number(position)));
  });

  it('looks for itself when it was told of nothing for long', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { tail, kept, follow, open, reads } = given(1);
    open();
    const gathering = follow();
    await gathering.until(1);
    // Written, and nobody said so.
    kept.head = 3;
    vi.advanceTimersByTime(60_000);
    await gathering.until(3);
    // While it is told of something there is no need to look.
    for (let position = 4; position < 14; position += 1) {
      kept.head = position;
      tail.publish(range(position, position));
      vi.advanceTimersByTime(30_000);
    }
    await gathering.until(13);
    await gathering.stop();
    expect(reads()).toBe(2);
    expect(positions(gathering)).toEqual(range(1, 13).map(({ position }) => Number(position)));
  });

  it('forgets followers that have ended', async () => {
    const { tail, follow, open } = given(0);
    open();
    const gatherings = [follow(), follow()];
    const ofStream = new Gathering((signal) => tail.followStream('a', 0n, signal, async function* () {}));
    expect(tail.followers).toBe(3);
    tail.publish(range(1, 1));
    await ofStream.until(1);
    await Promise.all([...gatherings, ofStream].map((gathering) => gathering.stop()));
    expect(tail.followers).toBe(0);
  });
});
