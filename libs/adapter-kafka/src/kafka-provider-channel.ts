import type { Kafka, Producer } from 'kafkajs';
import { Backoff } from '#bridge';
import {
  recordBytes,
  recordBytesMax,
  specTopic,
  type ProviderChannel,
  type SpecSink,
  type Subscription,
  type WireRecord,
} from '#provider-sdk';
import { BrokersRefuse } from './explaining-kafka.ts';
import { kafkaClient, partitioner, shortRetry, type KafkaSettings } from './kafka-client.ts';
import { disconnectWithin } from './kafkajs-faults.ts';
import { readTopics } from './topic-reader.ts';
import { perTopic } from './wire-form.ts';

/** A provider's end of Kafka: needs READ on its export's topics and WRITE on their status topics, nothing else. */
export class KafkaProviderChannel implements ProviderChannel {
  readonly prefix: string;
  readonly #kafka: Kafka;
  readonly #settings: KafkaSettings;
  #producer: Promise<Producer> | undefined;
  #queue: Waiting[] = [];
  #inFlight = 0;

  constructor(settings: KafkaSettings) {
    this.prefix = settings.prefix;
    this.#settings = settings;
    this.#kafka = kafkaClient(settings);
  }

  /** The topics appear when the mesh first binds the export; until then it is looked for them. */
  async subscribe({ export: exportName, plurals }: Subscription, sink: SpecSink, signal: AbortSignal): Promise<void> {
    const { prefix, logger } = this.#settings;
    const topics = plurals.map((plural) => specTopic(prefix, exportName, plural));
    // Groups are not shared and commit nothing: each start begins at the beginning, and no dead process is waited for.
    const groupPrefix = `${prefix}.${exportName}.provider`;
    const backoff = new Backoff(50, 500);
    let told = false;
    const once = (): void => {
      if (!told) sink.caughtUp();
      told = true;
    };
    let lastRefusal: string | undefined;
    for (let attempts = 0; !signal.aborted; attempts += 1) {
      try {
        await readTopics(
          { kafka: this.#kafka, groupPrefix, topics, logger, records: (batch) => sink.records(batch), caughtUp: once },
          signal,
        );
      } catch (err) {
        const refusal = err instanceof BrokersRefuse ? err.message : undefined;
        if (refusal !== undefined && refusal !== lastRefusal) logger.error({ topics, err }, 'brokers refuse; it is tried again');
        else if (attempts === 0) logger.info({ topics, err }, 'waits for the topics of its export');
        lastRefusal = refusal;
        await backoff.wait(signal);
      }
    }
  }

  /** Reports that come while others are on their way go together. */
  report(record: WireRecord): Promise<void> {
    return new Promise((done, failed) => {
      this.#queue.push({ record, done, failed });
      this.#next();
    });
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    if (producer) await disconnectWithin(producer, 3000);
  }

  #next(): void {
    while (this.#inFlight < inFlightMax && this.#queue.length > 0) {
      const sending = this.#take();
      this.#inFlight += 1;
      void this.#send(sending).finally(() => {
        this.#inFlight -= 1;
        this.#next();
      });
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    const end = this.#queue.findIndex(({ record }, index) => (bytes += recordBytes(record)) > recordBytesMax && index > 0);
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #send(sending: readonly Waiting[]): Promise<void> {
    this.#producer ??= this.#connect();
    const mine = this.#producer;
    try {
      await (await mine).sendBatch({ acks: -1, topicMessages: perTopic(sending.map(({ record }) => record)) });
      for (const { done } of sending) done();
    } catch (error) {
      if (this.#producer === mine) this.#producer = undefined;
      void mine.then((producer) => disconnectWithin(producer, 3000)).catch(() => undefined);
      for (const { failed } of sending) failed(error);
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({ createPartitioner: partitioner, allowAutoTopicCreation: false, retry: shortRetry });
    await producer.connect();
    return producer;
  }
}

type Waiting = { readonly record: WireRecord; readonly done: () => void; readonly failed: (error: unknown) => void };

const inFlightMax = 4;
