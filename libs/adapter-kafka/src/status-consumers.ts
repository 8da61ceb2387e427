import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { StatusRecord } from '#bridge';
import type { KafkaLogger } from './kafka-client.ts';
import { consume } from './supervised-consumer.ts';
import { received } from './wire-form.ts';

export type StatusConsumersOptions = {
  readonly kafka: Kafka;
  readonly prefix: string;
  readonly logger: KafkaLogger;
  receive(batch: readonly StatusRecord[]): Promise<void>;
  readonly signal: AbortSignal;
};

/** One consumer per export, so that exports neither wait for one another nor rebalance together. */
export class StatusConsumers {
  readonly #options: StatusConsumersOptions;
  readonly #exports = new Map<string, { readonly topics: Set<string>; changed: AbortController }>();
  readonly #running: Promise<void>[] = [];

  constructor(options: StatusConsumersOptions) {
    this.#options = options;
  }

  /** Receives this topic, too, from its beginning or from where the group stands. */
  add(exportName: string, topic: string): void {
    const known = this.#exports.get(exportName);
    if (known?.topics.has(topic)) return;
    if (known) {
      known.topics.add(topic);
      return known.changed.abort();
    }
    this.#exports.set(exportName, { topics: new Set([topic]), changed: new AbortController() });
    this.#running.push(this.#follow(exportName));
  }

  /** Resolves when the signal has aborted and every consumer has ended. */
  async ended(): Promise<void> {
    const { signal } = this.#options;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await Promise.all(this.#running);
  }

  async #follow(exportName: string): Promise<void> {
    const { kafka, prefix, logger, signal } = this.#options;
    const entry = this.#exports.get(exportName);
    while (entry && !signal.aborted) {
      entry.changed = new AbortController();
      const commits = new Commits(logger);
      await consume(
        {
          kafka,
          logger,
          groupId: () => `${prefix}.bridge.${exportName}`,
          topics: [...entry.topics],
          partitionsAtOnce: 12,
          eachBatch: (payload, consumer) => this.#receive(payload, consumer, commits),
          closing: (consumer) => commits.flush(consumer),
        },
        AbortSignal.any([signal, entry.changed.signal]),
      );
    }
  }

  async #receive(
    { batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload,
    consumer: Consumer,
    commits: Commits,
  ): Promise<void> {
    if (!isRunning() || isStale()) return;
    const { topic, partition } = batch;
    const records = batch.messages.map((message) => ({ ...received(topic, message), partition, offset: message.offset }));
    // The log may be away for long, and the group must not take this member for dead meanwhile.
    const beat = setInterval(() => void heartbeat().catch(() => undefined), 1500);
    try {
      await this.#options.receive(records);
    } finally {
      clearInterval(beat);
    }
    resolveOffset(batch.lastOffset());
    commits.done(consumer, { topic, partition, offset: String(BigInt(batch.lastOffset()) + 1n) });
  }
}

type Place = { readonly topic: string; readonly partition: number; readonly offset: string };

/** Commits what is done a few times a second: a commit lost means reports delivered twice, which are dropped. */
class Commits {
  #places = new Map<string, Place>();
  #timer: NodeJS.Timeout | undefined;
  readonly #logger: KafkaLogger;

  constructor(logger: KafkaLogger) {
    this.#logger = logger;
  }

  done(consumer: Consumer, place: Place): void {
    this.#places.set(`${place.topic} ${place.partition}`, place);
    this.#timer ??= setTimeout(() => void this.flush(consumer), commitEveryMs);
  }

  async flush(consumer: Consumer): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const places = [...this.#places.values()];
    this.#places = new Map();
    if (places.length === 0) return;
    await consumer
      .commitOffsets(places)
      .catch((err: unknown) => this.#logger.debug({ err }, 'offsets could not be committed; reports will come twice'));
  }
}

const commitEveryMs = 200;
