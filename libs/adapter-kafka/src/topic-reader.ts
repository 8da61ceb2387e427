import type { Consumer, Kafka } from 'kafkajs';
import type { WireRecord } from '#provider-sdk';
import type { KafkaLogger } from './kafka-client.ts';
import { consume } from './supervised-consumer.ts';
import { TopicAdmin } from './topic-admin.ts';
import { received } from './wire-form.ts';

export type TopicReading = {
  readonly kafka: Kafka;
  /** Groups are made for each reading, named after this. */
  readonly groupPrefix: string;
  readonly topics: readonly string[];
  readonly logger: KafkaLogger;
  /** How many offsets before the end to begin at most; everything when absent. */
  readonly newest?: bigint;
  records(batch: readonly WireRecord[]): void;
  /** Called once: what stood in the topics when reading began has been handed over. */
  caughtUp(): void;
};

/** Reads topics from their beginning and goes on until `signal` aborts. Offsets are never committed: each reading begins anew. */
export async function readTopics(reading: TopicReading, signal: AbortSignal): Promise<void> {
  const { kafka, groupPrefix, topics, logger } = reading;
  const admin = new TopicAdmin({ kafka });
  /** Partitions whose end of then has not been reached; a restart of the consumer reads all again, which adds nothing. */
  const open = new Map<string, bigint>();
  let told = false;
  const tell = (): void => {
    if (told || open.size > 0) return;
    told = true;
    reading.caughtUp();
  };
  const starts: { topic: string; partition: number; offset: string }[] = [];
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.offsets(topic)) {
      if (BigInt(high) > BigInt(low)) open.set(`${topic} ${partition}`, BigInt(high));
      const from = reading.newest === undefined ? undefined : BigInt(high) - reading.newest;
      if (from !== undefined && from > BigInt(low)) starts.push({ topic, partition, offset: String(from) });
    }
  }
  tell();
  const reached = (topic: string, partition: number, offset: string): void => {
    const end = open.get(`${topic} ${partition}`);
    // What stands at the very end may be control records, or records that compaction took out: those count as read, too.
    if (end !== undefined && BigInt(offset) + 1n >= end && open.delete(`${topic} ${partition}`)) tell();
  };
  const opened = (consumer: Consumer): void => {
    let quietFetches = 0;
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      quietFetches = 0;
      reached(payload.topic, payload.partition, payload.lastOffset);
    });
    // A partition whose tail compaction emptied never delivers it: several answers without records say the same.
    consumer.on(consumer.events.FETCH, () => {
      quietFetches += 1;
      if (quietFetches < quietFetchesMax || open.size === 0) return;
      open.clear();
      tell();
    });
    for (const start of starts) consumer.on(consumer.events.GROUP_JOIN, () => consumer.seek(start));
  };
  await consume(
    {
      kafka,
      groupId: () => `${groupPrefix}-${crypto.randomUUID()}`,
      topics,
      logger,
      partitionsAtOnce: 12,
      opened,
      eachBatch: ({ batch, resolveOffset }) => {
        reading.records(batch.messages.map((message) => received(batch.topic, message)));
        resolveOffset(batch.lastOffset());
        return Promise.resolve();
      },
    },
    signal,
  );
}

/** Everything that stands in the topics now. */
export async function readToEnd(reading: Omit<TopicReading, 'records' | 'caughtUp'>, deadlineMs: number): Promise<WireRecord[]> {
  const records: WireRecord[] = [];
  const ending = new AbortController();
  const complete = Promise.withResolvers<boolean>();
  const late = setTimeout(() => complete.resolve(false), deadlineMs);
  const caughtUp = (): void => complete.resolve(true);
  // Not waited for at the end: leaving a group takes as long as the fetch in flight.
  readTopics({ ...reading, records: (batch) => void records.push(...batch), caughtUp }, ending.signal).catch((error: unknown) =>
    complete.reject(error as Error),
  );
  try {
    if (!(await complete.promise)) throw new Error(`${reading.topics.join(', ')} could not be read within ${deadlineMs} ms`);
    return records;
  } finally {
    clearTimeout(late);
    ending.abort();
  }
}

const quietFetchesMax = 24;
