import { afterAll, beforeAll, describe } from 'vitest';
import { startExampleProvider, type ExampleProvider } from '../servers/tributary-provider.ts';
import { testKafka, type TestKafka } from '../servers/kafka.ts';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { playFirstJourney } from './first-journey.ts';

const topicPrefix = `journey-${crypto.randomUUID().slice(0, 8)}`;
let kafka: TestKafka;
let server: TributaryServer;
let provider: ExampleProvider;
let kubectl: Kubectl;

beforeAll(async () => {
  [kubectl, kafka] = await Promise.all([testKubectl(), testKafka()]);
  const env = { KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: topicPrefix };
  provider = startExampleProvider(env);
  server = await startTributary({ env });
});
afterAll(async () => {
  await provider?.stop();
  await server?.remove();
  await kafka?.stop();
});

describe('the first journey, over Kafka to a provider of its own', () => playFirstJourney(() => ({ server, kubectl })));
