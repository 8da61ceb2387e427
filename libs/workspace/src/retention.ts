import { eventHeadOf } from '#account';
import { StreamTruncated, type CheckpointStore, type EventArchive, type EventLog, type RecordedEvent } from '#stream';
import { counter } from '#telemetry';

export type RetentionOptions = {
  readonly log: EventLog;
  readonly archive: Pick<EventArchive, 'keep'>;
  readonly checkpoints: Pick<CheckpointStore, 'lowest'>;
  /** Who follows the whole log: nothing is taken from it that one of them has not seen. */
  readonly followers: readonly string[];
  /** How many of an account's newest events stay in the log. Absent: no number protects an event. */
  readonly eventsKept?: number | undefined;
  /** How long events stay in the log, in milliseconds. Absent: no age protects an event. */
  readonly keptMs?: number | undefined;
  readonly nowMs?: () => number;
  /** How long it waits for those who have not seen enough yet. */
  readonly retryMs?: number;
};

const archivedEvents = counter({
  name: 'tributary_events_archived_total',
  help: 'Events that were taken from the log of an account into the archive.',
});

const batchSizeMax = 500;
const retryMsDefault = 5_000;
/** Streams beyond these are looked at when their next snapshot is kept. */
const waitingMax = 10_000;

/**
 * Takes an account's old events from the log into the archive. It is asked when a snapshot of the account was kept, and takes only what lies
 * behind that, is protected neither by number nor by age, and was seen by all who follow the log. The last event of a stream always stays.
 * Where somebody has not seen enough yet, it looks again later.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #waiting = new Map<string, bigint>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** `revision`: what the newest snapshot includes. @throws LogUnavailable */
  async behind(stream: string, revision: bigint): Promise<void> {
    const { checkpoints, followers } = this.#options;
    const seen = await checkpoints.lowest(followers);
    let batch: RecordedEvent[] = [];
    for await (const event of this.#fromItsBeginning(stream)) {
      if (!this.#mayGo(event, revision)) break;
      if (event.position > seen) {
        this.#lookAgain(stream, revision);
        break;
      }
      batch.push(event);
      if (batch.length < batchSizeMax) continue;
      await this.#take(stream, batch);
      batch = [];
    }
    await this.#take(stream, batch);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #lookAgain(stream: string, revision: bigint): void {
    if (this.#waiting.size < waitingMax) this.#waiting.set(stream, revision);
    this.#timer ??= setTimeout(() => void this.#lookAtWaiting(), this.#options.retryMs ?? retryMsDefault).unref();
  }

  async #lookAtWaiting(): Promise<void> {
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // The log may be out of reach: that is no reason to forget them.
    for (const [stream, revision] of waiting) await this.behind(stream, revision).catch(() => this.#lookAgain(stream, revision));
  }

  #mayGo(event: RecordedEvent, revision: bigint): boolean {
    const { eventsKept, keptMs, nowMs = Date.now } = this.#options;
    if (event.revision >= revision) return false;
    if (eventsKept !== undefined && event.revision > revision - BigInt(eventsKept)) return false;
    return keptMs === undefined || Date.parse(eventHeadOf(event).by?.at ?? '') < nowMs() - keptMs;
  }

  async *#fromItsBeginning(stream: string): AsyncGenerator<RecordedEvent> {
    try {
      yield* this.#options.log.readStream(stream, 0n);
    } catch (failure) {
      if (!(failure instanceof StreamTruncated)) throw failure;
      yield* this.#options.log.readStream(stream, failure.first);
    }
  }

  /** Where this is interrupted, events stand in both: whoever reads both meets them once. */
  async #take(stream: string, batch: readonly RecordedEvent[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    await this.#options.archive.keep(batch);
    await this.#options.log.truncate(stream, last.revision + 1n);
    archivedEvents.add({}, batch.length);
  }
}
