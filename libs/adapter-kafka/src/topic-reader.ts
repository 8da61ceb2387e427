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

const quietFetchesMax = 24;

/** Reads topics from their beginning and goes on until `signal` aborts. Offsets are never committed: each reading begins anew. */
export async function readTopics(reading: TopicReading, signal: AbortSignal): Promise<void> {
  const { kafka, groupPrefix, topics, logger } = reading;
  const { starts, ends } = await boundsOf(reading);
  ends.tell();
  const opened = (consumer: Consumer): void => {
    let quietFetches = 0;
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      quietFetches = 0;
      ends.reached(payload.topic, payload.partition, payload.lastOffset);
    });
    // A partition whose tail compaction emptied never delivers it: several answers without records say the same.
    consumer.on(consumer.events.FETCH, () => {
      quietFetches += 1;
      if (quietFetches >= quietFetchesMax) ends.allReached();
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

type Start = { readonly topic: string; readonly partition: number; readonly offset: string };

/** Where to begin, unless at the beginning, and where each partition ends now. */
async function boundsOf({
  kafka,
  topics,
  newest,
  caughtUp,
}: TopicReading): Promise<{ readonly starts: readonly Start[]; readonly ends: Ends }> {
  const admin = new TopicAdmin({ kafka });
  const ends = new Map<string, bigint>();
  const starts: Start[] = [];
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.offsets(topic)) {
      if (BigInt(high) > BigInt(low)) ends.set(`${topic} ${partition}`, BigInt(high));
      const from = newest === undefined ? undefined : BigInt(high) - newest;
      if (from !== undefined && from > BigInt(low)) starts.push({ topic, partition, offset: String(from) });
    }
  }
  return { starts, ends: new Ends(ends, caughtUp) };
}

/** The ends of partitions, as of then, that have not been reached; a restart of the consumer reads all again, which adds nothing. */
class Ends {
  readonly #open: Map<string, bigint>;
  readonly #caughtUp: () => void;
  #told = false;

  constructor(open: Map<string, bigint>, caughtUp: () => void) {
    this.#open = open;
    this.#caughtUp = caughtUp;
  }

  reached(topic: string, partition: number, offset: string): void {
    const end = this.#open.get(`${topic} ${partition}`);
    // What stands at the very end may be control records, or records that compaction took out: those count as read, too.
    if (end !== undefined && BigInt(offset) + 1n >= end && this.#open.delete(`${topic} ${partition}`)) this.tell();
  }

  allReached(): void {
    this.#open.clear();
    this.tell();
  }

  /** Once, when nothing is left. */
  tell(): void {
    if (this.#told || this.#open.size > 0) return;
    this.#told = true;
    this.#caughtUp();
  }
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
