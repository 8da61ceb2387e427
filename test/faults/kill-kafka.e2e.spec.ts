import { afterAll, beforeEach, test } from 'vitest';
import { testKafka, type TestKafka } from '../servers/kafka.ts';
import { startExampleProvider, type ExampleProvider } from '../servers/tributary-provider.ts';
import { compileCache } from '../servers/tributary-role.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { Rounds } from './cluster/rounds.ts';
import { SeededRandom } from './seeded-random.ts';
import { weatherStorm } from './weather-storm.ts';

const rounds = new Rounds('KAFKA_KILLS', { most: 6, seconds: 30 });
const random = SeededRandom.fromEnvironment('KILL_SEED');
let kafka: TestKafka | undefined;
let provider: ExampleProvider | undefined;
let server: TributaryServer | undefined;

beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${server?.logs}\n---\n${provider?.logs()}`)));
afterAll(async () => {
  await provider?.stop();
  await server?.remove();
  await kafka?.stop();
});

test(`killed up to ${rounds.most} times with providers behind Kafka, it loses nothing, doubles nothing, and every journey goes on`, async () => {
  kafka = await testKafka();
  const env = { KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: `kill-${crypto.randomUUID().slice(0, 8)}` };
  provider = startExampleProvider(env);
  server = await startTributary({ env: { ...env, ...compileCache } });
  await weatherStorm(server, { random, rounds });
});
