import { describe, expect, it } from 'vitest';
import { ArchivedLog } from './archived-log.ts';
import { StreamTruncated, type RecordedEvent } from './event-log.ts';
import { MemoryEventArchive } from './memory-event-archive.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { eventLogContract } from './testing/event-log-contract.ts';
import { collect, events, Gathering } from './testing/gathering.ts';

eventLogContract('ArchivedLog', async () => ({ log: new ArchivedLog(new MemoryEventLog(), new MemoryEventArchive()) }));

const count = 1300;

/** Reads the whole log in pages, as one over a network does: what is truncated meanwhile does not come. */
class PagedLog extends MemoryEventLog {
  override async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for (let seen = after; ;) {
      const page = (await collect(super.readAll(seen))).slice(0, 90);
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      seen = last.position;
    }
  }
}

/** Events of two streams in turn, `0` to `1299`, of which parts stand in the archive only. */
async function halfArchived() {
  const inner = new PagedLog();
  const archive = new MemoryEventArchive();
  const log = new ArchivedLog(inner, archive);
  for (let index = 0; index < count; index++)
    await inner.append(index % 2 === 0 ? 'a' : 'b', BigInt(Math.floor(index / 2)) - 1n, events(String(index)));
  const all = await collect(inner.readAll(0n));
  const archived = async (stream: string, before: bigint): Promise<void> => {
    await archive.keep(all.filter((event) => event.stream === stream && event.revision < before));
    await inner.truncate(stream, before);
  };
  return { inner, archive, log, archived };
}

const said = (all: readonly RecordedEvent[]): readonly number[] => all.map(({ data }) => Number(data));
const from = (start: number): readonly number[] => Array.from({ length: count - start }, (_, index) => start + index);

describe('a log with an archive', () => {
  it.each([
    ['where all of one stream is archived', 0n, 650n, 0],
    ['where streams are archived to different places', 600n, 3n, 0],
    ['where all is archived', 650n, 650n, 0],
    ['behind a place in the middle', 400n, 20n, 333],
    ['behind all that is archived', 400n, 20n, 1000],
  ] as const)('shows every event once, in order, %s', async (_, beforeA, beforeB, start) => {
    const { log, archived } = await halfArchived();
    await archived('a', beforeA);
    await archived('b', beforeB);
    expect(said(await collect(log.readAll(BigInt(start))))).toEqual(from(start));
    const gathering = new Gathering((signal) => log.subscribeAll(BigInt(start), signal));
    await gathering.until(count - start);
    await log.append('c', -1n, events('1300'));
    await gathering.until(count - start + 1);
    await gathering.stop();
    expect(said(gathering.events)).toEqual([...from(start), 1300]);
  });

  it('shows once what stands in both: the log is not cleaned up yet', async () => {
    const { inner, log, archive } = await halfArchived();
    await archive.keep(await collect(inner.readStream('a', 0n)));
    expect(said(await collect(log.readAll(0n)))).toEqual(from(0));
  });

  it('misses nothing that is archived while it is read', async () => {
    const { log, archived } = await halfArchived();
    const seen: RecordedEvent[] = [];
    for await (const event of log.readAll(0n)) {
      if (seen.push(event) % 100 !== 0) continue;
      await archived('a', BigInt(seen.length / 2 + 150));
      await archived('b', BigInt(seen.length / 4));
    }
    expect(said(seen)).toEqual(from(0));
  });

  it('keeps a stream no longer than the log does', async () => {
    const { log, archived } = await halfArchived();
    await archived('a', 10n);
    await expect(collect(log.readStream('a', 9n))).rejects.toThrow(StreamTruncated);
  });
});
