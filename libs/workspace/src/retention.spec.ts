import { describe, expect, it } from 'vitest';
import { MemoryCheckpointStore, MemoryEventArchive, MemoryEventLog } from '#stream';
import { collect } from '#testing/stream';
import { Retention, type RetentionOptions } from './retention.ts';

const stream = 'account-c1';
const minute = (index: number): string => new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString();

/** Two hundred events, one a minute, and what stands in the log after the newest snapshot was told of. */
async function given(options: Partial<RetentionOptions>, seen = 200n) {
  const [log, archive, checkpoints] = [new MemoryEventLog(), new MemoryEventArchive(), new MemoryCheckpointStore()];
  for (let index = 0; index < 200; index++) {
    const data = JSON.stringify({ type: 'ApiUnbound', binding: 'b', by: { at: minute(index) } });
    await log.append(stream, BigInt(index) - 1n, [{ id: crypto.randomUUID(), type: 'ApiUnbound', data }]);
  }
  await checkpoints.save('policy', 200n);
  await checkpoints.save('bridge', seen);
  const retention = new Retention({ log, archive, checkpoints, followers: ['policy', 'bridge'], ...options });
  const before = await collect(log.readAll(0n));
  const kept = async (revision: bigint) => {
    await retention.behind(stream, revision);
    const [left, gone] = [await collect(log.readAll(0n)), await collect(archive.readStream(stream, 0n))];
    expect([...gone, ...left]).toEqual(before);
    return left.length;
  };
  return { kept, retention, log, archive, checkpoints };
}

describe('events move from the log to the archive', () => {
  it('but for the newest ones, by number', async () => {
    const { kept } = await given({ eventsKept: 30 });
    expect(await kept(149n)).toBe(80);
    expect(await kept(149n)).toBe(80);
    expect(await kept(199n)).toBe(30);
  });

  it('when they are old enough', async () => {
    const { kept } = await given({ keptMs: 3_600_000, nowMs: () => Date.parse(minute(100)) });
    expect(await kept(199n)).toBe(160);
  });

  it('when neither number nor age keeps them', async () => {
    const nowMs = () => Date.parse(minute(100));
    expect(await (await given({ eventsKept: 30, keptMs: 3_600_000, nowMs })).kept(199n)).toBe(160);
    expect(await (await given({ eventsKept: 190, keptMs: 3_600_000, nowMs })).kept(199n)).toBe(190);
  });

  it('only behind the snapshot, and the last one never', async () => {
    expect(await (await given({ eventsKept: 1 })).kept(120n)).toBe(80);
    expect(await (await given({ eventsKept: 1 })).kept(199n)).toBe(1);
  });

  it('only when all who follow the log have seen them', async () => {
    expect(await (await given({ eventsKept: 1 }, 17n)).kept(199n)).toBe(183);
    expect(await (await given({ eventsKept: 1, followers: ['policy', 'newcomer'] })).kept(199n)).toBe(200);
  });

  it('as soon as the last of them has, and does not wait for another snapshot', { timeout: 30_000 }, async () => {
    const { kept, log, checkpoints, retention } = await given({ eventsKept: 1, retryMs: 1 }, 17n);
    expect(await kept(199n)).toBe(183);
    await checkpoints.save('bridge', 200n);
    await expect.poll(async () => (await collect(log.readAll(0n))).length, { timeout: 20_000 }).toBe(1);
    retention.close();
  });

  it('once, where it was interrupted between the two', async () => {
    const { kept, archive, log } = await given({ eventsKept: 30 });
    await archive.keep((await collect(log.readAll(0n))).slice(0, 100));
    expect(await kept(199n)).toBe(30);
  });
});
