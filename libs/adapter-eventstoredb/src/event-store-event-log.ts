import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailable } from '#stream';
import type { AppendResult, Behind, EventLog, NewEvent, ReadPast, RecordedEvent } from '#stream';
import { silentLogger } from '#telemetry';
import type { Logger } from '#telemetry';
import { Appender } from './appender.ts';
import { parseConnectionString } from './connection-string.ts';
import { LiveSubscription } from './live-subscription.ts';
import { LogClient } from './log-client.ts';
import { Patience } from './patience.ts';
import { StreamNames } from './recorded.ts';
import { StreamReader } from './stream-reader.ts';
import { truncateStream } from './truncation.ts';
import { WholeLog } from './whole-log.ts';

export type EventStoreEventLogOptions = {
  /** A connection string, as the server's documentation has it. Its user must be allowed to read `$all`. */
  readonly url: string;
  /** What the names of all streams of this log begin with: several logs may stand in one server. */
  readonly prefix: string;
  readonly log?: Logger;
  /** How long an append or a read waits for a server that went away, in milliseconds, before it is `LogUnavailable`. */
  readonly patienceMs?: number;
  /** How long the server may take for one answer, in milliseconds, before it is asked again. */
  readonly attemptMs?: number;
};

const patienceMsDefault = 10_000;
const attemptMsDefault = 5_000;
const retryPauseMs = 200;

/**
 * The log in EventStoreDB or KurrentDB. Any number of processes may write to one server; each opens it once. Positions are byte offsets: they
 * grow with gaps. What was truncated is gone from its stream at once, and from the whole log when the server was scavenged.
 */
export class EventStoreEventLog implements EventLog {
  readonly #client: LogClient;
  readonly #names: StreamNames;
  readonly #patience: Patience;
  readonly #reader: StreamReader;
  readonly #whole: WholeLog;
  readonly #appender: Appender;
  readonly #subscription: LiveSubscription;

  /** @throws LogUnavailable when the server cannot be reached or refuses; RangeError for a wrong connection string, which it does not repeat */
  static async open({
    url,
    prefix,
    log = silentLogger,
    patienceMs = patienceMsDefault,
    attemptMs = attemptMsDefault,
  }: EventStoreEventLogOptions): Promise<EventStoreEventLog> {
    const client = new LogClient(parseConnectionString(url));
    const names = new StreamNames(prefix);
    const patience = new Patience({ patienceMs, attemptMs });
    const whole = new WholeLog(client, names, patience);
    try {
      await whole.head();
    } catch (failure) {
      await client.close();
      throw failure;
    }
    return new EventStoreEventLog(client, names, patience, { whole, log });
  }

  private constructor(client: LogClient, names: StreamNames, patience: Patience, { whole, log }: { whole: WholeLog; log: Logger }) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
    this.#whole = whole;
    this.#reader = new StreamReader(client, names, patience);
    this.#appender = new Appender(client, names, patience, this.#reader);
    this.#subscription = new LiveSubscription(whole, whole.lookedAt, log);
    this.#subscription.start();
  }

  /** Where the last event stood that the server held when this looked last, whoever wrote it: no position that it had told by then is greater. */
  get end(): bigint {
    return this.#whole.lookedAt;
  }

  append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#appender.append(stream, expected, events);
  }

  /** A server may always have other writers. */
  settle(): Promise<void> {
    return Promise.resolve();
  }

  async *readStream(stream: string, from: bigint, atMost?: number): AsyncGenerator<RecordedEvent> {
    for await (const batch of this.#reader.batches(stream, from, atMost)) yield* batch;
  }

  async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for await (const batch of this.#whole.batches(after)) yield* batch;
  }

  subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    const past: ReadPast = (next) => this.#reader.batches(stream, next);
    const place = ({ revision }: RecordedEvent): bigint => revision;
    return this.#subscription.live.followStream(stream, from, signal, persistently(past, place, signal));
  }

  subscribeAll(after: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    const past: ReadPast = (next) => this.#whole.batches(next - 1n);
    const place = ({ position }: RecordedEvent): bigint => position;
    return this.#subscription.live.followAll(after + 1n, signal, persistently(past, place, signal));
  }

  head(stream: string): Promise<bigint> {
    return this.#reader.head(stream);
  }

  async behind(stream: string): Promise<Behind> {
    return { head: await this.head(stream), events: [] };
  }

  headOfAll(): Promise<bigint> {
    return this.#whole.head();
  }

  async truncate(stream: string, before: bigint): Promise<void> {
    const end = (await this.head(stream)) + 1n;
    await truncateStream(this.#client, this.#names.kept(stream), before < end ? before : end, this.#patience);
  }

  /** Lets go of the server. Subscriptions must be ended by their signals; an append under way is `LogUnavailable`. */
  async close(): Promise<void> {
    this.#subscription.close();
    this.#patience.giveUp();
    await this.#client.close();
  }
}

/** A subscription outlives an outage: it goes on reading where it stood. */
function persistently(past: ReadPast, place: (event: RecordedEvent) => bigint, signal: AbortSignal): ReadPast {
  return async function* (from) {
    for (let next = from; !signal.aborted;) {
      try {
        for await (const batch of past(next)) {
          yield batch;
          const last = batch.at(-1);
          if (last) next = place(last) + 1n;
        }
        return;
      } catch (failure) {
        if (!(failure instanceof LogUnavailable)) throw failure;
        await pause(retryPauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };
}
