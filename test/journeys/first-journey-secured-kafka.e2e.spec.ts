import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverCertificates, type ServerCertificates } from '#access';
import { startKafka, type TestKafka } from '../servers/kafka.ts';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startExampleProvider, type ExampleProvider } from '../servers/tributary-provider.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { playFirstJourney } from './first-journey.ts';

// A broker behind TLS of an authority of its own and a password; the bridge and the provider are told the same, in the same words.

const password = `right-${crypto.randomUUID()}`;
const wrongPassword = `wrong-${crypto.randomUUID()}`;
const topicPrefix = `secured-${crypto.randomUUID().slice(0, 8)}`;
const ends: (() => Promise<unknown>)[] = [];
let kafka: TestKafka;
let folder: string;
let server: TributaryServer;
let provider: ExampleProvider;
let kubectl: Kubectl;

const at = (file: string): string => join(folder, file);

async function authority(name: string): Promise<ServerCertificates> {
  await mkdir(at(name));
  const made = await serverCertificates({ dataFolder: at(name), hosts: ['127.0.0.1'] });
  await writeFile(at(`${name}.pem`), made.ca);
  return made;
}

const settings = (changed: Readonly<Record<string, string>> = {}) => ({
  KAFKA_BROKERS: kafka.lockedBrokers.join(','),
  KAFKA_CA: at('known.pem'),
  KAFKA_USER: 'ada',
  KAFKA_PASSWORD_FILE: at('password'),
  TRIBUTARY_TOPIC_PREFIX: topicPrefix,
  ...changed,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secured-kafka-'));
  const [{ key, certificate, ca }] = await Promise.all([authority('known'), authority('unknown')]);
  await Promise.all([writeFile(at('password'), `${password}\n`), writeFile(at('wrong'), `${wrongPassword}\n`)]);
  const lock = { keyAndCertificate: `${key}${certificate}${ca}`, user: 'ada', password };
  [kubectl, kafka] = await Promise.all([testKubectl(), startKafka(lock)]);
  provider = startExampleProvider(settings({ KAFKA_SASL: 'plain' }));
  server = await startTributary({ env: settings({ KAFKA_SASL: 'scram-sha-512' }) });
});
afterAll(async () => {
  for (const end of ends) await end();
  await provider?.stop();
  await server?.remove();
  await kafka?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the first journey, over brokers that want TLS and a password', () => playFirstJourney(() => ({ server, kubectl })));

test.each([
  ['a wrong password', () => ({ KAFKA_PASSWORD_FILE: at('wrong') }), 'the brokers refuse KAFKA_USER ada'],
  [
    'an authority that did not sign',
    () => ({ KAFKA_CA: at('unknown.pem') }),
    "KAFKA_CA does not hold the authority of the brokers' certificate",
  ],
])('%s: bridge and provider say so, without the password', async (_, changed, line) => {
  const stranger = startExampleProvider(settings(changed()));
  ends.push(() => stranger.stop());
  const house = await startTributary({ env: settings(changed()), flags: ['--no-demo'] });
  ends.push(() => house.remove());
  const logs = [() => stranger.logs(), () => readFileSync(join(house.folder, 'tributary.log'), 'utf8')];
  for (const printed of logs) {
    await untilTrue(`a line with "${line}"`, () => printed().includes(line));
    expect(printed()).not.toContain(password);
    expect(printed()).not.toContain(wrongPassword);
  }
});
