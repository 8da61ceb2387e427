import kafkajs, { type Kafka, type KafkaConfig, type logCreator, type SASLOptions } from 'kafkajs';
import type { Logger } from '#telemetry';
import { ExplainingKafka } from './explaining-kafka.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import { calmRequestQueue } from './kafkajs-faults.ts';

export type KafkaSettings = {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Comes before every topic's and group's name. */
  readonly prefix: string;
  /** What brokers call this client in their logs; `tributary` when absent. */
  readonly clientId?: string;
  /** Absent: in clear, as nobody. */
  readonly security?: KafkaSecurity;
  readonly logger: KafkaLogger;
};

export type KafkaLogger = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

calmRequestQueue();

/** Retries inside kafkajs are short: who calls it knows better how to go on, and tries for ever. */
export const shortRetry = { initialRetryTime: 5, factor: 0.1, multiplier: 2, maxRetryTime: 500, retries: 8 };

export function kafkaClient({ brokers, clientId = 'tributary', security, logger }: KafkaSettings): Kafka {
  const config = {
    ...secured(security),
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { ...shortRetry },
    logLevel: kafkajs.logLevel.INFO,
    logCreator: into(logger),
  };
  return new ExplainingKafka(config, security);
}

/** In kafkajs' words. */
export function secured({ tls, sasl }: KafkaSecurity = {}): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  // Its type is a union by mechanism, which all have the same form.
  return { ...(tls ? { ssl: { ...tls } } : {}), ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}) };
}

/** kafkajs calls each attempt's failure an error, many a second: its lines are for debugging, what they amount to is said by its callers. */
function into(logger: KafkaLogger): logCreator {
  return () =>
    ({ namespace, log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } }) =>
      logger.debug(fields, `kafkajs ${namespace}: ${message}`);
}

/** The partition of a key as the Java client would choose it, so that any provider's client agrees. */
export const partitioner = kafkajs.Partitioners.DefaultPartitioner;
