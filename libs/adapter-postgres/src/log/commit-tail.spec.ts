import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LogUnavailable, type RecordedEvent } from '#stream';
import { silentLogger } from '#telemetry';
import { CommitTail } from './commit-tail.ts';

const eventAt = (position: bigint): RecordedEvent => ({
  id: crypto.randomUUID(),
  type: 'Happened',
  data: '',
  stream: 's',
  revision: position - 1n,
  position,
});

const pageOf = (after: bigint, before: bigint): RecordedEvent[] =>
  Array.from({ length: Number(before - after) - 1 }, (_, index) => eventAt(after + BigInt(index) + 1n));

async function* nothing(): AsyncGenerator<readonly RecordedEvent[]> {
  yield* [];
}

it('reads again what it could not read, as soon as something is appended', async () => {
  let fails = true;
  const reader = {
    pageOfAll: (after: bigint) => Promise.resolve(pageOf(after, 4n)),
    pageBetween: (after: bigint, before: bigint) =>
      fails ? Promise.reject(new LogUnavailable('the connection was cut')) : Promise.resolve(pageOf(after, before)),
    headOfAll: () => Promise.resolve(3n),
  };
  const tail = new CommitTail(reader, 0n, silentLogger);
  const stopping = new AbortController();
  const seen: bigint[] = [];
  const following = (async () => {
    for await (const batch of tail.live.followAll(1n, stopping.signal, nothing)) seen.push(...batch.map(({ position }) => position));
  })();
  await expect.poll(() => tail.live.followers).toBe(1);
  tail.appended([eventAt(3n)]);
  await new Promise((resolve) => setImmediate(resolve));
  fails = false;
  tail.appended([eventAt(1n)]);
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1n, 2n, 3n]);
  stopping.abort();
  await following;
});

describe('what others append steadily', () => {
  const readMs = 5;
  const given = async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let head = 0n;
    const reads: bigint[] = [];
    const read = async (after: bigint, before: bigint): Promise<readonly RecordedEvent[]> => {
      reads.push(after);
      await new Promise((resolve) => setTimeout(resolve, readMs));
      return pageOf(after, before);
    };
    const reader = {
      pageOfAll: (after: bigint) => read(after, head + 1n),
      pageBetween: read,
      headOfAll: () => Promise.resolve(head),
    };
    const tail = new CommitTail(reader, 0n, silentLogger);
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    const seen: bigint[] = [];
    void (async () => {
      for await (const batch of tail.live.followAll(1n, stopping.signal, nothing)) seen.push(...batch.map(({ position }) => position));
    })();
    await vi.advanceTimersByTimeAsync(1);
    const others = (count: bigint): void => tail.heard((head += count));
    others(1n);
    await vi.advanceTimersByTimeAsync(readMs);
    expect([reads, seen]).toEqual([[0n], [1n]]);
    return { tail, reads, seen, others };
  };

  it('is gathered, and read together', async () => {
    const { reads, seen, others } = await given();
    for (let each = 0; each < 8; each++) {
      others(1n);
      await vi.advanceTimersByTimeAsync(2);
    }
    expect(reads).toEqual([0n]);
    await vi.advanceTimersByTimeAsync(4 * readMs);
    expect([reads, seen.length]).toEqual([[0n, 1n], 9]);
  });

  it('is read at once where it is much, and after a silence', async () => {
    const { reads, seen, others } = await given();
    others(1n);
    others(300n);
    await vi.advanceTimersByTimeAsync(readMs);
    expect([reads, seen.length]).toEqual([[0n, 1n], 302]);
    await vi.advanceTimersByTimeAsync(100);
    others(1n);
    await vi.advanceTimersByTimeAsync(readMs);
    expect([reads, seen.length]).toEqual([[0n, 1n, 302n], 303]);
  });

  it('does not wait where this process appends behind it', async () => {
    const { tail, seen, others } = await given();
    others(1n);
    tail.appended([eventAt(3n)]);
    await vi.advanceTimersByTimeAsync(readMs);
    expect(seen).toEqual([1n, 2n, 3n]);
  });
});
