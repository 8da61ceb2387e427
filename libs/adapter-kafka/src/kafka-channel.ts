import type { Kafka, Producer } from 'kafkajs';
import {
  Backoff,
  clearedLetter,
  deadLetter,
  replayHeader,
  stillParked,
  TopicsRefused,
  type Channel,
  type ParkedRecord,
  type StatusRecord,
  type TopicsOutcome,
} from '#bridge';
import { checkpointTopic, parseTopic, type TopicPlan, type WireRecord } from '#provider-sdk';
import { kafkaClient, partitioner, shortRetry, type KafkaSettings } from './kafka-client.ts';
import { disconnectWithin } from './kafkajs-faults.ts';
import { StatusConsumers } from './status-consumers.ts';
import { TopicAdmin } from './topic-admin.ts';
import { readToEnd } from './topic-reader.ts';
import { TransactionalSender } from './transactional-sender.ts';
import { perTopic } from './wire-form.ts';

export type KafkaChannelSettings = KafkaSettings & {
  /** Of spec and status topics that are made from now on; 12 when absent. */
  readonly partitions?: number;
};

/** The bridge's end of Kafka. Connects when it is asked something, so that brokers may come later than the process. */
export class KafkaChannel implements Channel {
  readonly prefix: string;
  readonly #kafka: Kafka;
  readonly #settings: KafkaChannelSettings;
  readonly #admin: TopicAdmin;
  readonly #sender: TransactionalSender;
  readonly #statusTopics = new Map<string, string>();
  #consumers: StatusConsumers | undefined;
  #parker: Promise<Producer> | undefined;

  constructor(settings: KafkaChannelSettings) {
    const { prefix, logger, partitions } = settings;
    this.prefix = prefix;
    this.#settings = settings;
    this.#kafka = kafkaClient(settings);
    this.#admin = new TopicAdmin({ kafka: this.#kafka, ...(partitions ? { partitions } : {}) });
    this.#sender = new TransactionalSender({ kafka: this.#kafka, prefix, logger });
  }

  async ensureTopics(plan: readonly TopicPlan[]): Promise<TopicsOutcome> {
    const outcome = await this.#admin.ensure(plan);
    if (outcome.type === 'ready') for (const { topic } of plan) this.#found(topic);
    return outcome;
  }

  async checkpoint(): Promise<bigint> {
    const standing = (await this.#admin.list(this.prefix)).flatMap((topic) => planOf(this.prefix, topic) ?? []);
    const outcome = await this.#admin.ensure([...standing, { topic: checkpointTopic(this.prefix), kind: 'checkpoints', export: 'bridge' }]);
    if (outcome.type === 'mismatch') throw new TopicsRefused(outcome.mismatches);
    return this.#sender.open();
  }

  deliver(records: readonly WireRecord[], position: bigint): Promise<void> {
    return this.#sender.send(records, position);
  }

  async statuses(receive: (batch: readonly StatusRecord[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { prefix, logger } = this.#settings;
    this.#consumers = new StatusConsumers({ kafka: this.#kafka, prefix, logger, receive, signal });
    const backoff = new Backoff(100, 5000);
    while (!signal.aborted) {
      try {
        for (const topic of await this.#admin.list(prefix)) this.#found(topic);
        break;
      } catch (err) {
        logger.warn({ err }, 'status topics cannot be listed; it is tried again');
        await backoff.wait(signal);
      }
    }
    for (const [topic, exportName] of this.#statusTopics) this.#consumers.add(exportName, topic);
    await this.#consumers.ended();
    this.#consumers = undefined;
  }

  park(parked: ParkedRecord): Promise<void> {
    return this.#send([deadLetter(this.prefix, parked)]);
  }

  async parked(): Promise<readonly ParkedRecord[]> {
    const { prefix, logger } = this.#settings;
    const topics = (await this.#admin.list(prefix)).filter((topic) => planOf(prefix, topic)?.kind === 'deadLetters');
    if (topics.length === 0) return [];
    return stillParked(await readToEnd({ kafka: this.#kafka, logger, topics, groupPrefix: `${prefix}.bridge.reader` }, 60_000));
  }

  async replay(parked: ParkedRecord): Promise<void> {
    const { topic, key, value, headers } = parked.record;
    await this.#send([{ topic, key, value, headers: { ...headers, [replayHeader]: 'true' } }, clearedLetter(this.prefix, parked)]);
  }

  /** A tombstone under the header of a replay: the key is free again, and there is nothing to apply. */
  drop(parked: ParkedRecord): Promise<void> {
    return this.replay({ ...parked, record: { ...parked.record, value: null } });
  }

  async close(): Promise<void> {
    await this.#sender.close();
    const parker = await this.#parker?.catch(() => undefined);
    if (parker) await disconnectWithin(parker, 3000);
  }

  #found(topic: string): void {
    const name = parseTopic(this.prefix, topic);
    if (name?.kind !== 'status') return;
    this.#statusTopics.set(topic, name.export);
    this.#consumers?.add(name.export, topic);
  }

  /** Dead letters are rare and in no transaction: their producer is made when the first one comes. */
  async #send(records: readonly WireRecord[]): Promise<void> {
    this.#parker ??= this.#connectParker();
    try {
      await (await this.#parker).sendBatch({ acks: -1, topicMessages: perTopic(records) });
    } catch (error) {
      const broken = this.#parker;
      this.#parker = undefined;
      void broken?.then((producer) => disconnectWithin(producer, 3000)).catch(() => undefined);
      throw error;
    }
  }

  async #connectParker(): Promise<Producer> {
    const producer = this.#kafka.producer({ createPartitioner: partitioner, allowAutoTopicCreation: false, retry: shortRetry });
    await producer.connect();
    return producer;
  }
}

/** What a topic that stands shall be, by its name. Undefined: none of an export's. */
function planOf(prefix: string, topic: string): TopicPlan | undefined {
  const name = parseTopic(prefix, topic);
  if (name) return { topic, kind: name.kind, export: name.export };
  const exportName = topic.slice(prefix.length + 1, -deadLetterSuffix.length);
  return topic.endsWith(deadLetterSuffix) ? { topic, kind: 'deadLetters', export: exportName } : undefined;
}

const deadLetterSuffix = '.status.dlq';
