import { InProcessChannel, type Channel, type ChannelStore } from '#bridge';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';

export type ChannelSettings = Pick<
  Settings,
  | 'kafkaBrokers'
  | 'topicPrefix'
  | 'kafkaTls'
  | 'kafkaCaFile'
  | 'kafkaCertificateFile'
  | 'kafkaKeyFile'
  | 'kafkaSasl'
  | 'kafkaUser'
  | 'kafkaPasswordFile'
>;

/** The mesh's end of the way to providers: over Kafka where brokers are set, else inside this process. @throws Error naming a setting */
export async function openChannel(settings: ChannelSettings, store: ChannelStore, logger: Logger): Promise<Channel> {
  const { kafkaBrokers: brokers, topicPrefix: prefix } = settings;
  if (!brokers) return new InProcessChannel(store, prefix);
  // Its client takes memory, and time at the start, of those only who have brokers.
  const { KafkaChannel, readKafkaSecurity } = await import('#adapter-kafka');
  const security = await readKafkaSecurity(settings);
  return new KafkaChannel({ brokers, prefix, clientId: 'tributary-bridge', logger, ...(security ? { security } : {}) });
}
