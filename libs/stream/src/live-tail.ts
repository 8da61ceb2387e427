import { counter } from '#telemetry';
import type { RecordedEvent } from './event-log.ts';

/** Reads what is already recorded, oldest first, in batches, and ends at the present. */
export type ReadPast = (from: bigint) => AsyncIterable<readonly RecordedEvent[]>;

const bufferedEventsMax = 4096;
/** After so long a silence a follower looks for itself. */
const silenceMsMax = 30_000;

const noLabels = {};
const untold = counter({
  name: 'tributary_follower_untold_events_total',
  help: 'Events that a follower of the log found after a silence, and was not told of. One may come by chance; more say that the telling is broken.',
});

/**
 * Joins the past of a log with what is appended now, for any adapter. The adapter publishes every event of the log, in
 * order of position, after it can be read back; a follower registers first and reads the past second, so no event falls
 * between, and what it saw twice it drops. A follower that does not keep up loses its buffer and reads the past again; so does one that has
 * heard of nothing for long, so that nothing stays unheard, whatever went wrong.
 */
export class LiveTail {
  readonly #ofStream = new Map<string, Set<Follower>>();
  readonly #ofAll = new Set<Follower>();

  /** How many subscriptions are open. */
  get followers(): number {
    let count = this.#ofAll.size;
    for (const followers of this.#ofStream.values()) count += followers.size;
    return count;
  }

  publish(events: readonly RecordedEvent[]): void {
    for (const follower of this.#ofAll) follower.offer(events);
    if (this.#ofStream.size === 0) return;
    for (const event of events) {
      const followers = this.#ofStream.get(event.stream);
      if (followers) for (const follower of followers) follower.offer([event]);
    }
  }

  /** Events of one stream with `revision >= from`. */
  async *followStream(stream: string, from: bigint, signal: AbortSignal, readPast: ReadPast): AsyncGenerator<readonly RecordedEvent[]> {
    const follower = new Follower((event) => event.revision);
    const followers = this.#ofStream.get(stream) ?? new Set();
    this.#ofStream.set(stream, followers.add(follower));
    try {
      yield* follower.follow(from, signal, readPast);
    } finally {
      follower.end();
      followers.delete(follower);
      if (followers.size === 0 && this.#ofStream.get(stream) === followers) this.#ofStream.delete(stream);
    }
  }

  /** Events of all streams with `position >= from`. */
  async *followAll(from: bigint, signal: AbortSignal, readPast: ReadPast): AsyncGenerator<readonly RecordedEvent[]> {
    const follower = new Follower((event) => event.position);
    this.#ofAll.add(follower);
    try {
      yield* follower.follow(from, signal, readPast);
    } finally {
      follower.end();
      this.#ofAll.delete(follower);
    }
  }
}

class Follower {
  readonly #place: (event: RecordedEvent) => bigint;
  #buffered: RecordedEvent[] = [];
  /** What is offered is not all there is: the past is to be read. */
  #readsPast: 'overflowed' | 'silent' | undefined;
  #wasTold = true;
  readonly #looks: NodeJS.Timeout;
  #wake: (() => void) | undefined;

  constructor(place: (event: RecordedEvent) => bigint) {
    this.#place = place;
    this.#looks = setInterval(() => this.#look(), silenceMsMax).unref();
  }

  end(): void {
    clearInterval(this.#looks);
  }

  offer(events: readonly RecordedEvent[]): void {
    this.#wasTold = true;
    if (this.#readsPast) return;
    if (this.#buffered.length + events.length > bufferedEventsMax) {
      this.#buffered = [];
      this.#readsPast = 'overflowed';
    } else {
      for (const event of events) this.#buffered.push(event);
    }
    this.#wake?.();
  }

  async *follow(from: bigint, signal: AbortSignal, readPast: ReadPast): AsyncGenerator<readonly RecordedEvent[]> {
    let next = from;
    while (!signal.aborted) {
      const wasSilent = this.#readsPast === 'silent';
      this.#buffered = [];
      this.#readsPast = undefined;
      for await (const batch of readPast(next)) {
        const last = batch.at(-1);
        if (signal.aborted) return;
        if (!last) continue;
        if (wasSilent && !this.#wasTold) untold.add(noLabels, batch.length);
        yield batch;
        next = this.#place(last) + 1n;
      }
      while (!signal.aborted && !this.#readsPast) {
        if (this.#buffered.length === 0) await this.#offered(signal);
        if (signal.aborted || this.#readsPast) break;
        const batch = this.#take(next);
        const last = batch.at(-1);
        if (!last) continue;
        yield batch;
        next = this.#place(last) + 1n;
      }
    }
  }

  #look(): void {
    if (!this.#wasTold) this.#readsPast ??= 'silent';
    this.#wasTold = false;
    if (this.#readsPast) this.#wake?.();
  }

  #take(next: bigint): RecordedEvent[] {
    const taken = this.#buffered;
    this.#buffered = [];
    const seen = taken.findIndex((event) => this.#place(event) >= next);
    if (seen === 0) return taken;
    return seen < 0 ? [] : taken.slice(seen);
  }

  #offered(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake);
    });
  }
}
