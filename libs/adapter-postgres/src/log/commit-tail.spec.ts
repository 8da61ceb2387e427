import { expect, it } from 'vitest';
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
