/** An event that wants to be recorded. `data` is JSON text: the log never looks inside. `id` is a UUID, the same on every retry. */
export type NewEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  /**
   * What `data` says, as the writer holds it. A log may hand it to subscribers in this process, so that they need not parse; it is never
   * kept, and whoever gets it changes nothing in it.
   */
  readonly decoded?: unknown;
};

/**
 * An event at its place. `revision` counts from 0 within its stream, without gaps. `position` grows along the whole log, from above 0, and
 * a reader never sees one appear below one that it has already seen; whether it has gaps is the log's own affair. A
 * position may be given back to the log that told it, and 0n to begin at the beginning; others mean nothing.
 */
export type RecordedEvent = NewEvent & {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
};

export type AppendResult =
  /** `revision` and `position` are those of the last event of this append. */
  | { readonly type: 'appended'; readonly revision: bigint; readonly position: bigint }
  /** Nothing was written; `head` is the stream's last revision. */
  | { readonly type: 'conflict'; readonly head: bigint };

/**
 * What lies behind a revision: the stream's last one, and the events that came with the answer, oldest first and without a gap from the next
 * on. There may be more of them up to `head`; they are to be read.
 */
export type Behind = { readonly head: bigint; readonly events: readonly RecordedEvent[] };

/** The revision of a stream that holds nothing: what `append` expects for a new stream, what `head` answers for one. */
export const noRevision = -1n;

/** Where streams are kept. Every implementation passes `eventLogContract`. */
export interface EventLog {
  /**
   * Appends all events or none, durably: when this resolves, a crash loses nothing. Answers `conflict` when the
   * stream's last revision is not `expected`. An append whose events (by id) already stand right behind `expected`
   * is a retry, and answers as the first attempt did.
   * @throws LogUnavailable when the outcome is a refusal by the store (disk full, connection lost and not recovered); AppendTooLarge
   */
  append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult>;

  /**
   * For the only writer: resolves when no append that was given up on (`LogUnavailable`) can take effect any more, so that what is read
   * from then on tells how each of them ended. Costs nothing where none was. Where others append, too, it resolves at once: who reads
   * there follows the log.
   * @throws LogUnavailable where that is not certain yet; to be asked again
   */
  settle(): Promise<void>;

  /**
   * Yields events with `revision >= from`, oldest first, `atMost` so many. An unknown stream yields nothing.
   * @throws StreamTruncated
   */
  readStream(stream: string, from: bigint, atMost?: number): AsyncIterable<RecordedEvent>;

  /** Yields events of all streams with `position > after`, oldest first, up to the head as of the call or later. */
  readAll(after: bigint): AsyncIterable<RecordedEvent>;

  /** As `readStream`, then goes on with what is appended, in batches, until `signal` aborts. @throws StreamTruncated */
  subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;

  /** As `readAll`, then goes on with what is appended, in batches, until `signal` aborts. No event is missed or doubled. */
  subscribeAll(after: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;

  /** The stream's last revision, or `noRevision`. */
  head(stream: string): Promise<bigint>;

  /** Where the stream ends for whoever has read it up to `revision`, and what comes next, as far as one question tells. */
  behind(stream: string, revision: bigint): Promise<Behind>;

  /** The last position of the whole log, 0n when it is empty. */
  headOfAll(): Promise<bigint>;

  /**
   * Forgets the stream's events with `revision < before`; its head and the revisions of the rest stay. A reader of the whole log may
   * still meet them until the store has cleaned up.
   */
  truncate(stream: string, before: bigint): Promise<void>;
}

/** A read began below what is kept. `first` is the oldest revision that can still be read. */
export class StreamTruncated extends Error {
  readonly first: bigint;
  constructor(stream: string, first: bigint) {
    super(`stream ${stream} keeps nothing before revision ${first}`);
    this.name = 'StreamTruncated';
    this.first = first;
  }
}

/** The log takes nothing as large as this append. Nothing of it was recorded; less at once may do. */
export class AppendTooLarge extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppendTooLarge';
  }
}

/** The log cannot take writes now. Nothing of the append was recorded, or it will be found again by its ids. */
export class LogUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogUnavailable';
  }
}
