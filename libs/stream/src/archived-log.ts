import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailable, type AppendResult, type Behind, type EventLog, type NewEvent, type RecordedEvent } from './event-log.ts';
import type { EventArchive } from './stores.ts';

const groupMax = 500;
const retryPauseMs = 200;

/**
 * A log together with its archive: whoever reads the whole log from a position meets every event behind it, those too that stand in
 * the archive only. One stream is as long as the log keeps it: reading it from before that throws `StreamTruncated`.
 */
export class ArchivedLog implements EventLog {
  readonly #log: EventLog;
  readonly #archive: Pick<EventArchive, 'readAll'>;

  constructor(log: EventLog, archive: Pick<EventArchive, 'readAll'>) {
    this.#log = log;
    this.#archive = archive;
  }

  append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#log.append(stream, expected, events);
  }

  settle(): Promise<void> {
    return this.#log.settle();
  }

  readStream(stream: string, from: bigint, atMost?: number): AsyncIterable<RecordedEvent> {
    return this.#log.readStream(stream, from, atMost);
  }

  subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    return this.#log.subscribeStream(stream, from, signal);
  }

  head(stream: string): Promise<bigint> {
    return this.#log.head(stream);
  }

  behind(stream: string, revision: bigint): Promise<Behind> {
    return this.#log.behind(stream, revision);
  }

  headOfAll(): Promise<bigint> {
    return this.#log.headOfAll();
  }

  truncate(stream: string, before: bigint): Promise<void> {
    return this.#log.truncate(stream, before);
  }

  async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for await (const batch of this.#batches(after)) yield* batch;
  }

  /** The past with the archive, then the present without: what is archived was seen by all who follow. */
  async *subscribeAll(after: bigint, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[]> {
    let seen = after;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#batches(seen)) {
          if (signal.aborted) return;
          yield batch;
          seen = batch.at(-1)?.position ?? seen;
        }
        break;
      } catch (failure) {
        if (!(failure instanceof LogUnavailable)) throw failure;
        await pause(retryPauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
    if (!signal.aborted) yield* this.#log.subscribeAll(seen, signal);
  }

  /** The log first and the archive second: what leaves the log while it is read stands in the archive before. */
  async *#batches(after: bigint): AsyncGenerator<readonly RecordedEvent[]> {
    let seen = after;
    let group: RecordedEvent[] = [];
    for await (const event of this.#log.readAll(after)) {
      group.push(event);
      if (group.length < groupMax) continue;
      yield* this.#merged(seen, group);
      seen = event.position;
      group = [];
    }
    yield* this.#merged(seen, group);
    yield* this.#archive.readAll(group.at(-1)?.position ?? seen);
  }

  /** Events of the log with those of the archive between them. What stands in both comes once. */
  async *#merged(after: bigint, group: readonly RecordedEvent[]): AsyncGenerator<readonly RecordedEvent[]> {
    const last = group.at(-1);
    if (!last) return;
    let next = 0;
    for await (const page of this.#archive.readAll(after, last.position)) {
      const batch: RecordedEvent[] = [];
      for (const archived of page) {
        for (let event = group[next]; event && event.position <= archived.position; event = group[++next])
          if (event.position < archived.position) batch.push(event);
        batch.push(archived);
      }
      yield batch;
    }
    if (next < group.length) yield group.slice(next);
  }
}
