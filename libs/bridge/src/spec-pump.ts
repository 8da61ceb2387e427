import { clusterOfStream, eventOf, isAccountStream, type AccountEvent, type ObjectEvent } from '#account';
import { recordBytes, recordBytesMax, specTopic, topicNameFits, topicsOf, type SealedFields, type WireRecord } from '#provider-sdk';
import type { EventLog, RecordedEvent } from '#stream';
import { counter, gauge, hop, type Logger } from '#telemetry';
import { Backoff } from './backoff.ts';
import { sealedFields, type SecretPort } from './order-secrets.ts';
import { ChannelFenced, TopicsRefused, type Channel } from './channel.ts';
import type { Pump, PumpState } from './pump-health.ts';
import { providerNews, specRecord } from './spec-record.ts';

export type SpecPumpOptions = {
  readonly log: EventLog;
  readonly channel: Channel;
  /** Absent: what is sealed stays behind. */
  readonly secrets?: SecretPort | undefined;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** How long progress without any record may stay unsaved; 5000 when absent. */
  readonly idleCheckpointMs?: number;
  readonly retryDelayMs?: number;
  /** Told how far the channel remembers, where others need to know. */
  readonly onCheckpoint?: ((position: bigint) => void) | undefined;
};

const outbox = gauge({
  name: 'tributary_bridge_outbox_positions',
  help: 'Positions of the log that the bridge has not looked at yet: the orders among them have not reached their providers.',
});
const delivered = counter({ name: 'tributary_bridge_orders_total', help: 'Orders delivered to providers.' });

/** Carries what consumers want from the log to the providers: follows the whole log from the checkpoint that the channel keeps. */
export function runSpecPump(options: SpecPumpOptions): Pump {
  const pump = new SpecPump(options);
  const untrack = outbox.track({}, async () => Number(await pump.lag()));
  const ended = pump.run().finally(untrack);
  return {
    ended,
    health: async () => ({ state: pump.state, ...(pump.lastError ? { lastError: pump.lastError } : {}), lag: await pump.lag() }),
    async stop() {
      pump.stopping.abort();
      await ended;
    },
  };
}

class SpecPump {
  state: PumpState = 'starting';
  lastError: string | undefined;
  readonly stopping = new AbortController();
  /** Up to here the log has been read. */
  #read = 0n;
  /** Up to here the channel remembers. */
  #saved = 0n;
  #savedAt = 0;
  #isCarrying = false;
  /** A checkpoint without records that is on its way. */
  #noting: Promise<void> | undefined;
  /** The spec topics that are known to be there. */
  readonly #ensured = new Set<string>();
  readonly #backoff: Backoff;
  readonly #options: SpecPumpOptions;

  constructor(options: SpecPumpOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.retryDelayMs ?? 100, 2000);
  }

  async run(): Promise<void> {
    const { logger } = this.#options;
    while (!this.stopping.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        this.lastError = error instanceof Error ? error.message : String(error);
        if (error instanceof ChannelFenced) {
          this.state = 'fenced';
          return logger.error({ err: error }, 'another bridge has taken over; this one carries nothing any more');
        }
        if (this.state !== 'retrying' && this.state !== 'refusing')
          logger.warn({ err: error, position: this.#saved }, 'orders wait in the log until providers can be reached again');
        this.state = error instanceof TopicsRefused ? 'refusing' : 'retrying';
        await this.#backoff.wait(this.stopping.signal);
      }
    }
    this.state = 'stopped';
  }

  async lag(): Promise<bigint> {
    const head = await this.#options.log.headOfAll();
    return head > this.#read ? head - this.#read : 0n;
  }

  async #follow(): Promise<void> {
    const { log, channel, logger, idleCheckpointMs = idleCheckpointMsDefault } = this.#options;
    this.#saved = await channel.checkpoint();
    this.#options.onCheckpoint?.(this.#saved);
    this.#read = this.#saved;
    this.#savedAt = performance.now();
    logger.info({ position: this.#saved }, 'carries orders to providers from here');
    // After an outage of deliveries only a delivery shows that it is over.
    if (this.state === 'starting' || (await log.headOfAll()) <= this.#saved) this.#carrying();
    // Others wait for what is behind the checkpoint, also while nothing happens.
    const noting = setInterval(() => this.#noteWhenIdle(), idleCheckpointMs);
    try {
      for await (const batch of log.subscribeAll(this.#saved, this.stopping.signal)) {
        this.#isCarrying = true;
        await this.#noting;
        await this.#carry(batch);
        this.#carrying();
        this.#isCarrying = false;
      }
    } finally {
      this.#isCarrying = false;
      clearInterval(noting);
      await this.#noting;
    }
    if (this.#read > this.#saved) await this.#deliver([], this.#read);
  }

  #noteWhenIdle(): void {
    if (this.#isCarrying || this.#noting || this.#read === this.#saved) return;
    this.#noting = this.#deliver([], this.#read)
      // The next delivery says what is wrong.
      .catch(() => undefined)
      .finally(() => (this.#noting = undefined));
  }

  #carrying(): void {
    if (this.state === 'retrying' || this.state === 'refusing')
      this.#options.logger.info({ position: this.#saved }, 'providers can be reached again');
    this.state = 'carrying';
    this.lastError = undefined;
    this.#backoff.reset();
  }

  /** Deliveries stay below what one record may weigh, so that a broker never refuses a batch for its size. */
  async #carry(batch: readonly RecordedEvent[]): Promise<void> {
    let records: WireRecord[] = [];
    let bytes = 0;
    let before = this.#read;
    let hasClosed = false;
    for (const recorded of batch) {
      const found = this.#concerns(recorded) ? this.#orderOf(recorded) : undefined;
      const order = found instanceof Promise ? await found : found;
      // Only the first order of a kind waits for its topic.
      if (order && (this.#ensured.has(order.record.topic) || (await this.#ensure(order.export, [order.plural])))) {
        if (records.length >= deliveryRecordsMax || (records.length > 0 && bytes + order.weight > recordBytesMax)) {
          await this.#deliver(records, before);
          [records, bytes] = [[], 0];
        }
        records.push(order.record);
        bytes += order.weight;
      } else if (recorded.type === 'ApiBound') {
        await this.#ensureBound(recorded);
      } else hasClosed ||= recorded.type === 'WorkspaceClosed';
      before = recorded.position;
    }
    // What is left of an account that is gone waits for all to have passed its end.
    if (records.length > 0 || hasClosed || this.#idleTooLong(before)) await this.#deliver(records, before);
    this.#read = before;
  }

  #idleTooLong(position: bigint): boolean {
    return (
      position - this.#saved >= idlePositionsMax ||
      performance.now() - this.#savedAt >= (this.#options.idleCheckpointMs ?? idleCheckpointMsDefault)
    );
  }

  #concerns({ type, stream }: RecordedEvent): boolean {
    return providerNews.has(type) && isAccountStream(stream);
  }

  /** Only an order that holds secrets has to be waited for. */
  #orderOf(recorded: RecordedEvent): Order | undefined | Promise<Order | undefined> {
    const event = eventOf(recorded);
    if (!('secretFields' in event) || event.secretFields === undefined) return this.#orderFrom(recorded, event);
    return this.#sealedOrder(recorded, event);
  }

  async #sealedOrder(recorded: RecordedEvent, event: ObjectEvent): Promise<Order | undefined> {
    const { provider, uid, secretFields } = event;
    const { secrets } = this.#options;
    // A tombstone says nothing.
    if (!provider || !secretFields || !secrets || event.type === 'ResourceRemoved') return this.#orderFrom(recorded, event);
    const cluster = clusterOfStream(recorded.stream);
    return this.#orderFrom(recorded, event, await sealedFields({ cluster, uid, provider, secretFields, recorded }, secrets));
  }

  #orderFrom(recorded: RecordedEvent, event: AccountEvent, sealed?: SealedFields): Order | undefined {
    const { channel, logger } = this.#options;
    const cluster = clusterOfStream(recorded.stream);
    const record = specRecord(channel.prefix, { cluster, id: recorded.id, event, sealed });
    if (!record || !('provider' in event) || !event.provider) return undefined;
    const weight = recordBytes(record);
    if (weight > recordBytesMax) {
      logger.error({ key: record.key, bytes: weight, bytesMax: recordBytesMax }, 'an order is too large for its provider and was left out');
      return undefined;
    }
    const order = { record, weight, export: event.provider.export, plural: event.key.resource };
    return hop('bridge/spec-pump.ts', { key: record.key ?? '', position: recorded.position, type: recorded.type }, () => order);
  }

  /** A provider's topics are there before the first order. */
  async #ensureBound(recorded: RecordedEvent): Promise<void> {
    const event = eventOf(recorded);
    if (event.type !== 'ApiBound' || !this.#concerns(recorded)) return;
    const { provider, resources } = event.api;
    await this.#ensure(
      provider.export,
      resources.map(({ resource }) => resource),
    );
  }

  /** Once per export and plural in the pump's life; answers whether the names can be topics at all. */
  async #ensure(exportName: string, plurals: readonly string[]): Promise<boolean> {
    const { channel, logger } = this.#options;
    const missing = plurals.filter((plural) => !this.#ensured.has(specTopic(channel.prefix, exportName, plural)));
    if (missing.length === 0) return true;
    const plan = topicsOf(channel.prefix, exportName, missing);
    if (!plan.every(({ topic }) => topicNameFits(topic))) {
      logger.error({ export: exportName, plurals: missing }, 'names that cannot be topics: nothing is carried to this provider');
      return false;
    }
    const outcome = await channel.ensureTopics(plan);
    if (outcome.type === 'mismatch') throw new TopicsRefused(outcome.mismatches);
    for (const plural of missing) this.#ensured.add(specTopic(channel.prefix, exportName, plural));
    return true;
  }

  async #deliver(records: readonly WireRecord[], position: bigint): Promise<void> {
    await this.#options.channel.deliver(records, position);
    delivered.add({}, records.length);
    this.#saved = position;
    this.#savedAt = performance.now();
    this.#options.onCheckpoint?.(position);
  }
}

/** What goes to a provider, how many bytes it has, and whose topic it needs. */
type Order = { readonly record: WireRecord; readonly weight: number; readonly export: string; readonly plural: string };

const deliveryRecordsMax = 1000;
const idlePositionsMax = 10_000n;
const idleCheckpointMsDefault = 5_000;
