import type { Kafka, Producer } from 'kafkajs';
import { ChannelFenced } from '#bridge';
import { checkpointTopic, type WireRecord } from '#provider-sdk';
import { partitioner, shortRetry, type KafkaLogger } from './kafka-client.ts';
import { disconnectWithin, mayBeFenced } from './kafkajs-faults.ts';
import { readToEnd } from './topic-reader.ts';
import { perTopic } from './wire-form.ts';

export type SenderOptions = { readonly kafka: Kafka; readonly prefix: string; readonly logger: KafkaLogger };

type Checkpoint = { readonly position: bigint; readonly owner: string };

/**
 * Sends records together with the checkpoint, all or nothing. There is one per installation: who opens last fences the
 * others, and leaves its name in the checkpoint, so that a fenced one can tell this from a transaction that timed out.
 */
export class TransactionalSender {
  readonly #options: SenderOptions;
  readonly #me: string = crypto.randomUUID();
  #owned = false;
  #producer: Producer | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Takes over, and answers where the last delivery ended. The checkpoint topic must stand. @throws ChannelFenced */
  async open(): Promise<bigint> {
    this.#drop();
    if (this.#owned) await this.#refuseIfTakenOver();
    const { kafka, prefix } = this.#options;
    const producer = kafka.producer({
      transactionalId: `${prefix}.bridge`,
      // What a killed bridge left open is aborted by its successor at once; by brokers, if none comes, after this.
      transactionTimeout: 15_000,
      createPartitioner: partitioner,
      allowAutoTopicCreation: false,
      retry: shortRetry,
    });
    this.#producer = producer;
    await producer.connect();
    const transaction = await producer.transaction();
    // From here on nobody else can commit: what is read now is the last word.
    const position = (await this.#read())?.position ?? 0n;
    await transaction.sendBatch({ acks: -1, topicMessages: perTopic([this.#checkpointRecord(position)]) });
    await transaction.commit();
    this.#owned = true;
    return position;
  }

  /** After a throw the outcome is unknown: `open` again tells. @throws ChannelFenced */
  async send(records: readonly WireRecord[], position: bigint): Promise<void> {
    if (!this.#producer) throw new Error('nothing can be delivered before the checkpoint was asked for');
    try {
      const transaction = await this.#producer.transaction();
      await transaction.sendBatch({ acks: -1, topicMessages: perTopic([...records, this.#checkpointRecord(position)]) });
      await transaction.commit();
    } catch (error) {
      this.#drop();
      if (mayBeFenced(error)) await this.#refuseIfTakenOver(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#producer) await disconnectWithin(this.#producer, 3000);
    this.#producer = undefined;
  }

  #drop(): void {
    if (this.#producer) void disconnectWithin(this.#producer, 3000);
    this.#producer = undefined;
  }

  async #refuseIfTakenOver(cause?: unknown): Promise<void> {
    const last = await this.#read();
    if (last && last.owner !== this.#me) throw new ChannelFenced(`bridge ${last.owner} has taken over from ${this.#me}`, { cause });
  }

  async #read(): Promise<Checkpoint | undefined> {
    const { kafka, prefix, logger } = this.#options;
    const reading = { kafka, logger, topics: [checkpointTopic(prefix)], groupPrefix: `${prefix}.bridge.reader` };
    const newest = await readToEnd({ ...reading, newest: tailOffsets }, readDeadlineMs);
    const records = newest.length > 0 ? newest : await readToEnd(reading, readDeadlineMs);
    const value = records.at(-1)?.value;
    if (!value) return undefined;
    const { position, owner } = JSON.parse(value) as { position: string; owner: string };
    return { position: BigInt(position), owner };
  }

  #checkpointRecord(position: bigint): WireRecord {
    const value = JSON.stringify({ position: String(position), owner: this.#me, at: new Date().toISOString() });
    return { topic: checkpointTopic(this.#options.prefix), key: 'bridge', value, headers: { 'content-type': 'application/json' } };
  }
}

const tailOffsets = 64n;
const readDeadlineMs = 20_000;
