import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaChannel } from '#adapter-kafka';
import { type StatusRecord } from '#bridge';
import { encodeHeaders, formatSequence, specTopic, topicsOf, type StatusMessage, type WireRecord } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import { testKafka, type TestKafka } from '../../../test/servers/kafka.ts';

const exportName = 'orchestrate.platform-mesh.io';
const prefix = `mesh-${crypto.randomUUID().slice(0, 8)}`;
const patience = { timeout: 30_000, interval: 10 };
const providers: ChildProcess[] = [];
const printed: string[] = [];
let kafka: TestKafka;
let bridge: KafkaChannel;
const listening = new AbortController();
const reports: StatusMessage[] = [];

beforeAll(async () => {
  kafka = await testKafka();
  bridge = new KafkaChannel({ brokers: kafka.brokers, prefix, logger: silentLogger });
  await bridge.checkpoint();
  void bridge.statuses(
    async (batch: readonly StatusRecord[]) => void reports.push(...batch.map(({ value }) => JSON.parse(value ?? '') as StatusMessage)),
    listening.signal,
  );
});
afterAll(async () => {
  for (const provider of providers) provider.kill('SIGKILL');
  listening.abort();
  await bridge.close();
  await kafka.stop();
});

function start(): ChildProcess {
  const provider = spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: prefix },
  });
  for (const stream of [provider.stdout, provider.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  providers.push(provider);
  return provider;
}

function order(sequence: number, generation: number, deleted = false): WireRecord {
  const metadata = {
    name: 'bin',
    namespace: 'default',
    uid: 'u1',
    generation,
    ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  };
  return {
    topic: specTopic(prefix, exportName, 'httpbins'),
    key: 'acc/u1',
    value: JSON.stringify({ apiVersion: `${exportName}/v1alpha1`, kind: 'HttpBin', metadata, spec: { region: 'eu-west' } }),
    headers: encodeHeaders({
      id: 'e',
      source: '/',
      type: 'SpecRevised',
      subject: '',
      time: '',
      sequence: formatSequence(BigInt(sequence)),
    }),
  };
}

const urlOf = async (generation: number): Promise<string> => {
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ observedGeneration: generation, status: { ready: true } }), patience);
  return reports.at(-1)?.status?.['url'] as string;
};

test('a separate process delivers over Kafka, survives kill -9 by its topic, and ends well', async () => {
  const first = start();
  // The provider is there before its topics are.
  await bridge.ensureTopics(topicsOf(prefix, exportName, ['httpbins']));
  await bridge.deliver([order(1, 1)], 1n);
  const url = await urlOf(1);
  expect(await (await fetch(url)).json()).toMatchObject({ name: 'bin', region: 'eu-west', generation: 1 });

  first.kill('SIGKILL');
  await once(first, 'exit');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  await bridge.deliver([order(2, 2)], 2n);
  const second = start();
  expect(await urlOf(2)).toBe(url);
  expect(await (await fetch(url)).json()).toMatchObject({ generation: 2 });

  await bridge.deliver([order(3, 2, true)], 3n);
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ uid: 'u1', released: true }), patience);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  second.kill('SIGTERM');
  expect(await once(second, 'exit')).toEqual([0, null]);
  expect(printed.join('')).not.toContain('Warning');
});

test('without brokers it says what is missing', async () => {
  const provider = spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts')], { env: { PATH: process.env['PATH'] } });
  let text = '';
  provider.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  expect(await once(provider, 'exit')).toEqual([2, null]);
  expect(text).toContain('KAFKA_BROKERS');
});
