import { afterAll, beforeAll } from 'vitest';
import type { Channel } from '#bridge';
import type { ProviderChannel } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import { channelContract } from '#testing/bridge';
import { testKafka, type TestKafka } from '../../../test/servers/kafka.ts';
import { KafkaChannel } from './kafka-channel.ts';
import { KafkaProviderChannel } from './kafka-provider-channel.ts';

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.stop());

channelContract(
  'Kafka',
  async () => {
    const settings = { brokers: kafka.brokers, prefix: `mesh-${crypto.randomUUID().slice(0, 8)}`, clientId: 'spec', logger: silentLogger };
    const ends: (Channel | ProviderChannel)[] = [];
    const kept = <End extends Channel | ProviderChannel>(end: End): Promise<End> => {
      ends.push(end);
      return Promise.resolve(end);
    };
    return {
      bridgeEnd: () => kept(new KafkaChannel({ ...settings, partitions: 3 })),
      providerEnd: () => kept(new KafkaProviderChannel(settings)),
      close: async () => void (await Promise.all(ends.map((end) => end.close()))),
    };
  },
  { fences: true },
);
