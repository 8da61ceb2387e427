import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { Backoff } from '#bridge';
import type { KafkaLogger } from './kafka-client.ts';
import { consumerFailed, disconnectWithin } from './kafkajs-faults.ts';

export type ConsumerPlan = {
  readonly kafka: Kafka;
  /**
   * Asked for each new consumer. A name of its own each time joins at once; the same name again waits until brokers
   * have given up the dead one's membership, but goes on where that one had committed.
   */
  groupId(): string;
  readonly topics: readonly string[];
  readonly logger: KafkaLogger;
  /** How many partitions are worked on at once. */
  readonly partitionsAtOnce: number;
  eachBatch(payload: EachBatchPayload, consumer: Consumer): Promise<void>;
  /** Called with each new consumer before it runs. */
  opened?(consumer: Consumer): void;
  /** Called with each consumer before it is given up, while it may still commit. */
  closing?(consumer: Consumer): Promise<void>;
};

/** Consumes until `signal` aborts: a consumer that crashes or falls silent is replaced by a new one. Never rejects. */
export async function consume(plan: ConsumerPlan, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(50, 2000);
  while (!signal.aborted) {
    try {
      const why = await consumeOnce(plan, signal, () => backoff.reset());
      if (why !== 'stopped') plan.logger.warn({ topics: plan.topics, why }, 'a Kafka consumer is replaced');
    } catch (error) {
      plan.logger.warn({ topics: plan.topics, err: error }, 'Kafka cannot be read from; it is tried again');
    }
    if (!signal.aborted) await backoff.wait(signal);
  }
}

async function consumeOnce(plan: ConsumerPlan, signal: AbortSignal, joined: () => void): Promise<string> {
  const consumer = plan.kafka.consumer({
    groupId: plan.groupId(),
    // Brokers accept no less by default: after a kill nobody receives its partitions for so long.
    sessionTimeout: 6000,
    heartbeatInterval: 1500,
    rebalanceTimeout: 10_000,
    // A broker answers as soon as there is a byte; this is only how long it waits while there is none.
    minBytes: 1,
    maxWaitTimeInMs: idleFetchMs,
    retry: { initialRetryTime: 20, maxRetryTime: 1000, retries: 30, restartOnFailure: () => Promise.resolve(false) },
    metadataMaxAge: 60_000,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...plan.topics], fromBeginning: true });
    plan.opened?.(consumer);
    const failed = consumerFailed(consumer, silentMsMax, signal);
    consumer.on(consumer.events.GROUP_JOIN, joined);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: plan.partitionsAtOnce,
      eachBatch: (payload) => plan.eachBatch(payload, consumer),
    });
    return await failed;
  } finally {
    if (signal.aborted) {
      await plan.closing?.(consumer).catch(() => undefined);
      await disconnectWithin(consumer, 5000);
    } else {
      // One that failed may take long to leave its group; its successor need not wait for that.
      void disconnectWithin(consumer, 5000);
    }
  }
}

const idleFetchMs = 250;
const silentMsMax = 30_000;
