import { noRevision, StreamTruncated } from './event-log.ts';
import type { AppendResult, Behind, EventLog, NewEvent, RecordedEvent } from './event-log.ts';
import { LiveTail } from './live-tail.ts';

/** A log that lives as long as the process, for unit specs. */
export class MemoryEventLog implements EventLog {
  readonly #streams = new Map<string, KeptStream>();
  readonly #tail = new LiveTail();
  #all: RecordedEvent[] = [];
  #position = 0n;

  append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    return Promise.resolve().then(() => this.#append(stream, expected, events));
  }

  #append(stream: string, expected: bigint, events: readonly NewEvent[]): AppendResult {
    if (events.length === 0) throw new RangeError('an append holds at least one event');
    const kept = this.#streams.get(stream) ?? { first: 0n, events: [] };
    const head = headOf(kept);
    if (head !== expected) {
      const last = lastOfRetry(kept, expected, events);
      return last ? { type: 'appended', revision: last.revision, position: last.position } : { type: 'conflict', head };
    }
    const recorded = events.map(({ id, type, data }, index): RecordedEvent => {
      const offset = BigInt(index) + 1n;
      return { id, type, data, stream, revision: head + offset, position: this.#position + offset };
    });
    this.#streams.set(stream, kept);
    for (const event of recorded) {
      kept.events.push(event);
      this.#all.push(event);
    }
    this.#position += BigInt(recorded.length);
    this.#tail.publish(recorded);
    return { type: 'appended', revision: headOf(kept), position: this.#position };
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  async *readStream(stream: string, from: bigint, atMost = Infinity): AsyncGenerator<RecordedEvent> {
    for (const batch of this.#pastOfStream(stream, from)) yield* batch.slice(0, atMost);
  }

  async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for (const batch of this.#pastOfAll(after)) yield* batch;
  }

  subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    return this.#tail.followStream(stream, from, signal, (next) => asynchronously(this.#pastOfStream(stream, next)));
  }

  subscribeAll(after: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    return this.#tail.followAll(after + 1n, signal, (next) => asynchronously(this.#pastOfAll(next - 1n)));
  }

  async head(stream: string): Promise<bigint> {
    const kept = this.#streams.get(stream);
    return kept ? headOf(kept) : noRevision;
  }

  async behind(stream: string, revision: bigint): Promise<Behind> {
    const kept = this.#streams.get(stream);
    if (!kept) return { head: noRevision, events: [] };
    const isKept = revision + 1n >= kept.first;
    return { head: headOf(kept), events: isKept ? kept.events.slice(Number(revision + 1n - kept.first)) : [] };
  }

  async headOfAll(): Promise<bigint> {
    return this.#position;
  }

  async truncate(stream: string, before: bigint): Promise<void> {
    const kept = this.#streams.get(stream);
    if (!kept || before <= kept.first) return;
    const count = Number(before - kept.first);
    const gone = new Set(kept.events.splice(0, count));
    kept.first += BigInt(gone.size);
    this.#all = this.#all.filter((event) => !gone.has(event));
  }

  *#pastOfStream(stream: string, from: bigint): Generator<readonly RecordedEvent[]> {
    const kept = this.#streams.get(stream);
    if (!kept) return;
    const next = from < 0n ? 0n : from;
    if (next < kept.first) throw new StreamTruncated(stream, kept.first);
    const events = kept.events.slice(Number(next - kept.first));
    if (events.length > 0) yield events;
  }

  *#pastOfAll(after: bigint): Generator<readonly RecordedEvent[]> {
    const start = firstAfter(this.#all, after);
    if (start < this.#all.length) yield this.#all.slice(start);
  }
}

type KeptStream = { first: bigint; readonly events: RecordedEvent[] };

const headOf = (kept: KeptStream): bigint => kept.first + BigInt(kept.events.length) - 1n;

/** The last event of an earlier attempt of the same append, if that is what stands behind `expected`. */
function lastOfRetry(kept: KeptStream, expected: bigint, events: readonly NewEvent[]): RecordedEvent | undefined {
  const start = Number(expected + 1n - kept.first);
  const standing = events.every(({ id }, index) => kept.events[start + index]?.id === id);
  return standing ? kept.events[start + events.length - 1] : undefined;
}

/** The index of the first event behind `position`: truncation leaves holes, so the index does not follow from it. */
function firstAfter(events: readonly RecordedEvent[], position: bigint): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.position ?? 0n) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function* asynchronously<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
