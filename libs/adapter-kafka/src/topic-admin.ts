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
      const names = new Set(await admin.listTopics());
      const missing = plan.filter(({ topic }) => !names.has(topic));
      if (missing.length > 0) await this.#create(admin, missing);
      const standing = plan.filter(({ topic }) => names.has(topic));
      const mismatches = standing.length > 0 ? await this.#mismatches(admin, standing) : [];
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

  async #create(admin: Admin, plan: readonly TopicPlan[]): Promise<void> {
    const replication = Math.min(3, (await admin.describeCluster()).brokers.length);
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

  async #mismatches(admin: Admin, plan: readonly TopicPlan[]): Promise<TopicMismatch[]> {
    const { topics } = await admin.fetchTopicMetadata({ topics: plan.map(({ topic }) => topic) });
    const resources = plan.map(({ topic, kind }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topic,
      configNames: Object.keys(configsOf(kind, 1)),
    }));
    const described = await admin.describeConfigs({ includeSynonyms: false, resources });
    return plan.flatMap(({ topic, kind }) => {
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
      const entries = described.resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
      // By the replication that the topic has: how many brokers are up just now must not decide whether the bridge runs.
      const expected: Record<string, string> = configsOf(kind, partitions[0]?.replicas.length ?? 1);
      const actual: Record<string, string> = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
      // How many partitions a spec or status topic has was settled for ever when it was made, by what was configured then.
      if (topicTable[kind].partitions === 1) {
        expected['partitions'] = '1';
        actual['partitions'] = String(partitions.length);
      }
      return Object.keys(expected)
        .filter((setting) => expected[setting] !== actual[setting])
        .map((setting) => ({ topic, setting, expected: expected[setting] ?? '', actual: actual[setting] ?? 'not set' }));
    });
  }

  #partitionsOf(kind: TopicPlan['kind']): number {
    const { partitions } = topicTable[kind];
    return partitions === 'contract' ? this.#partitions : partitions;
  }
}

function configsOf(kind: TopicPlan['kind'], replication: number): Record<string, string> {
  return { ...topicTable[kind].configs, 'min.insync.replicas': String(Math.max(1, replication - 1)) };
}
