import { setTimeout as pause } from 'node:timers/promises';
import {
  hybridClock,
  specTopic,
  type ProviderChannel,
  type SpecSink,
  type Subscription,
  type TopicPlan,
  type WireRecord,
} from '#provider-sdk';
import { Backoff } from './backoff.ts';
import { replayHeader, type Channel, type ParkedRecord, type StatusRecord, type TopicsOutcome } from './channel.ts';
import type { ChannelStore } from './channel-store.ts';
import { clearedLetter, deadLetter, stillParked } from './dead-letter.ts';

type Waiting = { readonly record: StatusRecord; readonly done: () => void };

/**
 * The way between mesh and providers inside one process. It has both ends: `Channel` for the bridge, and for each
 * provider one from `forProvider`. What Kafka would keep is kept by the store, reports in hand are not: a report
 * counts as sent when the mesh has recorded it.
 */
export class InProcessChannel implements Channel {
  readonly prefix: string;
  readonly #store: ChannelStore;
  readonly #listeners = new Set<{ readonly topics: ReadonlySet<string>; receive(batch: readonly WireRecord[]): void }>();
  readonly #nextOffset = hybridClock();
  #waiting: Waiting[] = [];
  #arrived = Promise.withResolvers<void>();
  /** Where the checkpoint stands, as far as is known here. */
  #delivered = 0n;
  #isListening = false;
  #isLooking = false;

  constructor(store: ChannelStore, prefix = 'tributary') {
    this.#store = store;
    this.prefix = prefix;
  }

  /** A topic is no more than a name here. */
  ensureTopics(_plan: readonly TopicPlan[]): Promise<TopicsOutcome> {
    return Promise.resolve({ type: 'ready' });
  }

  async checkpoint(): Promise<bigint> {
    this.#delivered = await this.#store.checkpoint(checkpointName);
    return this.#delivered;
  }

  async deliver(records: readonly WireRecord[], position: bigint): Promise<void> {
    if (records.length > 0 && !this.#isAwaited(records)) await pause(lingerMs);
    await this.#store.put(records, { name: checkpointName, position, after: this.#delivered });
    this.#delivered = position;
    if (records.length === 0) return;
    for (const { topics, receive } of this.#listeners) {
      const wanted = records.filter(({ topic }) => topics.has(topic));
      if (wanted.length > 0) receive(wanted);
    }
  }

  #isAwaited(records: readonly WireRecord[]): boolean {
    for (const { topics } of this.#listeners) if (records.some(({ topic }) => topics.has(topic))) return true;
    return false;
  }

  async statuses(receive: (batch: readonly StatusRecord[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(50, 5000);
    // Not a promise to race with: every report would leave something with one that may never be settled.
    signal.addEventListener('abort', () => this.#arrived.resolve(), { once: true });
    const looking = setInterval(() => void this.#lookForReplays(), replaysEveryMs).unref();
    signal.addEventListener('abort', () => clearInterval(looking), { once: true });
    this.#isListening = true;
    void this.#lookForReplays();
    while (!signal.aborted) {
      if (this.#waiting.length === 0) {
        this.#arrived = Promise.withResolvers();
        await this.#arrived.promise;
        continue;
      }
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await receive(batch.map(({ record }) => record));
        for (const { done } of batch) done();
        backoff.reset();
      } catch {
        this.#waiting = [...batch, ...this.#waiting];
        await backoff.wait(signal);
      }
    }
  }

  async park(parked: ParkedRecord): Promise<void> {
    const letter = deadLetter(this.prefix, parked);
    // A store of text may be unable to keep a NUL, which nothing but garbage contains.
    const value = letter.value?.replaceAll('\0', '\uFFFD') ?? null;
    await this.#store.put([{ ...letter, value, topic: lettersTopic, key: letterKey(parked).replaceAll('\0', '\uFFFD') }]);
  }

  async parked(): Promise<readonly ParkedRecord[]> {
    const letters: WireRecord[] = [];
    for await (const letter of this.#store.read(lettersTopic)) letters.push(ownKey(letter));
    return stillParked(letters);
  }

  replay(parked: ParkedRecord): Promise<void> {
    return this.#replace(parked, parked.record.value);
  }

  drop(parked: ParkedRecord): Promise<void> {
    return this.#replace(parked, null);
  }

  /** The order is kept in the letter's place: whoever gives it may be another process than the one that the reports come to. */
  async #replace(parked: ParkedRecord, value: string | null): Promise<void> {
    const { topic, key, headers } = parked.record;
    const order: WireRecord = { topic, key, value, headers: { ...headers, [replayHeader]: 'true' } };
    await this.#store.put([
      { ...clearedLetter(this.prefix, parked), topic: lettersTopic, key: letterKey(parked) },
      { topic: replaysTopic, key: letterKey(parked), value: JSON.stringify(order), headers: {} },
    ]);
    if (this.#isListening) await this.#lookForReplays();
  }

  /** An order goes when what it asks for is done. What fails is found again at the next look. */
  async #lookForReplays(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for await (const { key, value } of this.#store.read(replaysTopic)) {
        await this.#report(JSON.parse(value ?? '{}') as WireRecord);
        await this.#store.put([{ topic: replaysTopic, key, value: null, headers: {} }]);
      }
    } catch {
      // The store is away.
    } finally {
      this.#isLooking = false;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The provider's end. */
  forProvider(): ProviderChannel {
    return {
      prefix: this.prefix,
      subscribe: (subscription, sink, signal) => this.#subscribe(subscription, sink, signal),
      report: ({ headers, ...record }) => {
        const { [replayHeader]: _forged, ...own } = headers;
        return this.#report({ ...record, headers: own });
      },
      close: () => Promise.resolve(),
    };
  }

  /** Listens first and reads second; what came twice or late is dropped by its sequence. */
  async #subscribe(subscription: Subscription, sink: SpecSink, signal: AbortSignal): Promise<void> {
    const topics = new Set(subscription.plurals.map((plural) => specTopic(this.prefix, subscription.export, plural)));
    const listener = { topics, receive: (batch: readonly WireRecord[]) => sink.records(batch) };
    this.#listeners.add(listener);
    const aborted = new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    if (await this.#bootstrap(topics, sink, signal)) sink.caughtUp();
    await aborted;
    this.#listeners.delete(listener);
  }

  async #bootstrap(topics: ReadonlySet<string>, sink: SpecSink, signal: AbortSignal): Promise<boolean> {
    const backoff = new Backoff(50, 5000);
    while (!signal.aborted) {
      try {
        for (const topic of topics) for await (const record of this.#store.read(topic)) sink.records([record]);
        return !signal.aborted;
      } catch {
        await backoff.wait(signal);
      }
    }
    return false;
  }

  #report(record: WireRecord): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ record: { ...record, partition: 0, offset: String(this.#nextOffset()) }, done });
      this.#arrived.resolve();
    });
  }
}

const checkpointName = 'bridge';

// Where no provider listens nobody waits: meanwhile more orders come together, and are kept at the price of one.
const lingerMs = 20;

// All exports' dead letters together, so that they are found at a start, before any export is known. A store keeps one record per key.
const lettersTopic = 'status.dlq';
const replaysTopic = 'status.replays';
const replaysEveryMs = 5_000;
const letterKey = ({ record }: ParkedRecord): string => `${record.topic} ${record.key ?? `${record.partition}/${record.offset}`}`;
const ownKey = (letter: WireRecord): WireRecord => ({ ...letter, key: letter.key?.slice(letter.key.indexOf(' ') + 1) ?? null });
