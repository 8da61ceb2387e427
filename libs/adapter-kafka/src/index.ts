export type { KafkaLogger, KafkaSettings } from './kafka-client.ts';
export { KafkaChannel, type KafkaChannelSettings } from './kafka-channel.ts';
export { KafkaProviderChannel } from './kafka-provider-channel.ts';
export { readKafkaSecurity, type KafkaSecurity, type KafkaSecuritySettings } from './kafka-security.ts';
