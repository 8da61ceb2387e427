/** What a topic carries; the table below says how each kind is set up. */
export type TopicKind = 'spec' | 'status' | 'deadLetters' | 'checkpoints';

export type TopicSettings = {
  readonly partitions: 'contract' | 1;
  /** Kafka's own names; `min.insync.replicas` follows from the replication and is added where topics are made. */
  readonly configs: Readonly<Record<string, string>>;
  readonly writer: 'bridge' | 'provider';
  readonly carries: string;
};

const dayMs = 86_400_000;

/** Every topic of the contract. Creating, checking and describing them all read this one table. */
export const topicTable: Readonly<Record<TopicKind, TopicSettings>> = {
  spec: {
    partitions: 'contract',
    configs: { 'cleanup.policy': 'compact', 'max.message.bytes': '1048588' },
    writer: 'bridge',
    carries: 'the whole desired object per key; a null value says that it is gone',
  },
  status: {
    partitions: 'contract',
    configs: { 'cleanup.policy': 'delete', 'retention.ms': String(7 * dayMs), 'max.message.bytes': '1048588' },
    writer: 'provider',
    carries: 'what the provider has to say about an object, whole, per report',
  },
  deadLetters: {
    partitions: 1,
    configs: { 'cleanup.policy': 'delete', 'retention.ms': String(30 * dayMs), 'max.message.bytes': '1048588' },
    writer: 'bridge',
    carries: 'reports that could not be applied, each with the reason in x-error',
  },
  // Read from its end at every start: small segments keep compaction close to it.
  checkpoints: {
    partitions: 1,
    configs: { 'cleanup.policy': 'compact', 'segment.bytes': '16777216' },
    writer: 'bridge',
    carries: 'how far the bridge has carried the log',
  },
};

/** Partitions of a spec or status topic, fixed when it is created: the key decides the partition for ever. */
export const partitionsDefault = 12;

/** One topic as it shall be. */
export type TopicPlan = { readonly topic: string; readonly kind: TopicKind; readonly export: string };

export const specTopic = (prefix: string, exportName: string, plural: string): string => `${prefix}.${exportName}.${plural}.spec`;
export const statusTopic = (prefix: string, exportName: string, plural: string): string => `${prefix}.${exportName}.${plural}.status`;
export const deadLetterTopic = (prefix: string, exportName: string): string => `${prefix}.${exportName}.status.dlq`;
export const checkpointTopic = (prefix: string): string => `${prefix}.bridge.checkpoints`;

/** All topics of one export, in the order in which they are made. */
export function topicsOf(prefix: string, exportName: string, plurals: readonly string[]): TopicPlan[] {
  const perPlural = plurals.flatMap((plural): TopicPlan[] => [
    { topic: specTopic(prefix, exportName, plural), kind: 'spec', export: exportName },
    { topic: statusTopic(prefix, exportName, plural), kind: 'status', export: exportName },
  ]);
  return [...perPlural, { topic: deadLetterTopic(prefix, exportName), kind: 'deadLetters', export: exportName }];
}

export type TopicName = { readonly kind: 'spec' | 'status'; readonly export: string; readonly plural: string };

/** Reads a spec or status topic's name back. An export's name has dots, a plural has none. Answers undefined for any other topic. */
export function parseTopic(prefix: string, topic: string): TopicName | undefined {
  if (!topic.startsWith(`${prefix}.`)) return undefined;
  const labels = topic.slice(prefix.length + 1).split('.');
  const kind = labels.pop();
  const plural = labels.pop();
  if ((kind !== 'spec' && kind !== 'status') || !plural || labels.length === 0) return undefined;
  return { kind, plural, export: labels.join('.') };
}

/** Kafka's rule for names. An export that breaks it cannot be offered over Kafka. */
export const topicNameFits = (topic: string): boolean => topic.length <= 249 && /^[a-zA-Z0-9._-]+$/.test(topic);
