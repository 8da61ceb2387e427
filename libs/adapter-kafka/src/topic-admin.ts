import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import type { TopicMismatch, TopicsOutcome } from '#bridge';
import { partitionsDefault, topicTable, type TopicPlan } from '#provider-sdk';
import { awaitLeaders, disconnectWithin } from './kafkajs-faults.ts';

export type TopicAdminOptions = { readonly kafka: Kafka; readonly partitions?: number };

/** Makes the topics of the contract and checks those that stand. Connects when it is asked something. */
export class TopicAdmin {
  readonly #kafka: Kafka;
  readonly #partitions: number;

  constructor({ kafka, partitions = partitionsDefault }: TopicAdminOptions) {
    this.#kafka = kafka;
    this.#partitions = partitions;
  }

  /** Replication is 3, or as many as there are brokers; a topic that stands is checked, never changed. */
  ensure(plan: readonly TopicPlan[]): Promise<TopicsOutcome> {
    return this.#with(async (admin) => {
      const standing = new Set(await admin.listTopics());
      const missing = plan.filter(({ topic }) => !standing.has(topic));
      const brokers = (await admin.describeCluster()).brokers.length;
      if (missing.length > 0) await this.#create(admin, missing, Math.min(3, brokers));
      const mismatches = await this.#mismatches(
        admin,
        plan.filter(({ topic }) => standing.has(topic)),
        Math.min(3, brokers),
      );
      return mismatches.length > 0 ? { type: 'mismatch', mismatches } : { type: 'ready' };
    });
  }

  /** Names of all topics under the prefix. */
  list(prefix: string): Promise<string[]> {
    return this.#with(async (admin) => (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`)));
  }

  /** The oldest and the next offset of each partition. */
  offsets(topic: string): Promise<{ readonly partition: number; readonly low: string; readonly high: string }[]> {
    return this.#with((admin) => admin.fetchTopicOffsets(topic));
  }

  async #with<Result>(ask: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      return await ask(admin);
    } finally {
      await disconnectWithin(admin, 2000);
    }
  }

  async #create(admin: Admin, plan: readonly TopicPlan[], replication: number): Promise<void> {
    await admin.createTopics({
      waitForLeaders: false,
      topics: plan.map(({ topic, kind }) => ({
        topic,
        numPartitions: this.#partitionsOf(kind),
        replicationFactor: replication,
        configEntries: Object.entries(configsOf(kind, replication)).map(([name, value]) => ({ name, value })),
      })),
    });
    await awaitLeaders(
      admin,
      plan.map(({ topic }) => topic),
      10_000,
    );
  }

  async #mismatches(admin: Admin, plan: readonly TopicPlan[], replication: number): Promise<TopicMismatch[]> {
    if (plan.length === 0) return [];
    const found: TopicMismatch[] = [];
    const { topics } = await admin.fetchTopicMetadata({ topics: plan.map(({ topic }) => topic) });
    const resources = plan.map(({ topic, kind }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topic,
      configNames: Object.keys(configsOf(kind, replication)),
    }));
    const described = await admin.describeConfigs({ includeSynonyms: false, resources });
    for (const { topic, kind } of plan) {
      const compare = (setting: string, expected: string, actual: string): void => {
        if (expected !== actual) found.push({ topic, setting, expected, actual });
      };
      // A spec or status topic's partitions were fixed when it was made, by whatever the setting was then: its twin must agree, which keys do not need.
      if (topicTable[kind].partitions === 1)
        compare('partitions', '1', String(topics.find(({ name }) => name === topic)?.partitions.length));
      const actual = described.resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
      for (const [setting, expected] of Object.entries(configsOf(kind, replication))) {
        compare(setting, expected, actual.find(({ configName }) => configName === setting)?.configValue ?? 'not set');
      }
    }
    return found;
  }

  #partitionsOf(kind: TopicPlan['kind']): number {
    const { partitions } = topicTable[kind];
    return partitions === 'contract' ? this.#partitions : partitions;
  }
}

function configsOf(kind: TopicPlan['kind'], replication: number): Record<string, string> {
  return { ...topicTable[kind].configs, 'min.insync.replicas': String(Math.max(1, replication - 1)) };
}
