export { decodeHeaders, encodeHeaders, type CloudEvent } from './cloud-event.ts';
export type { JsonObject } from '#json';
export { keptClock, type KeptClockOptions } from './kept-clock.ts';
export { newOrderKey, parsePublicKey, type Jwk } from './jwe.ts';
export { Malformed, parseSpecMessage, parseStatusMessage, type SealedFields, type SpecMessage, type StatusMessage } from './messages.ts';
export type { ProviderChannel, SpecSink, Subscription } from './provider-channel.ts';
export type { Desired } from './desired.ts';
export { runProvider, type ProviderOptions, type RunningProvider } from './run-provider.ts';
export { orderKeyAnnotation, pointerOf, sealFields } from './sealed-order.ts';
export { formatSequence, hybridClock, isNewer, isSequence } from './sequence.ts';
export {
  checkpointTopic,
  deadLetterTopic,
  parseTopic,
  partitionsDefault,
  specTopic,
  statusTopic,
  topicNameFits,
  topicsOf,
  topicTable,
  type TopicKind,
  type TopicPlan,
  type TopicSettings,
} from './topics.ts';
export { parseRecordKey, recordBytes, recordBytesMax, recordKey, type ObjectAddress, type WireRecord } from './wire-record.ts';
