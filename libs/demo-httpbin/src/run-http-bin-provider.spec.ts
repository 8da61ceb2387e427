import { expect, onTestFinished, test, vi } from 'vitest';
import { encodeHeaders, formatSequence, type ProviderChannel, type SpecSink, type StatusMessage, type WireRecord } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import { runHttpBinProvider } from './run-http-bin-provider.ts';

type Order = { readonly uid?: string; readonly generation?: number; readonly region?: string; readonly deleted?: boolean };

function order(sequence: number, { uid = 'u1', generation = 1, region = 'eu', deleted = false }: Order = {}): WireRecord {
  const metadata = {
    name: 'bin',
    namespace: 'default',
    uid,
    generation,
    ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  };
  return {
    topic: 'm.orchestrate.platform-mesh.io.httpbins.spec',
    key: `acc/${uid}`,
    value: JSON.stringify({ apiVersion: 'orchestrate.platform-mesh.io/v1alpha1', kind: 'HttpBin', metadata, spec: { region } }),
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

function delivering() {
  const reports: StatusMessage[] = [];
  let sink: SpecSink | undefined;
  const channel: ProviderChannel = {
    prefix: 'm',
    subscribe: (_subscription, into) => {
      sink = into;
      return Promise.resolve();
    },
    report: async ({ value }) => void reports.push(JSON.parse(value ?? '') as StatusMessage),
    close: () => Promise.resolve(),
  };
  const provider = runHttpBinProvider({ channel, logger: silentLogger });
  onTestFinished(() => provider.stop());
  const urlOf = async (count: number) => {
    await vi.waitFor(() => expect(reports).toHaveLength(count));
    return reports.at(-1)!.status!['url'] as string;
  };
  return { provider, reports, feed: (...batch: WireRecord[]) => sink?.records(batch), urlOf };
}

test('an order becomes an HTTP service that tells about itself and echoes', async () => {
  const { feed, urlOf, reports } = delivering();
  feed(order(1));
  const url = await urlOf(1);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(reports[0]).toMatchObject({
    observedGeneration: 1,
    status: { ready: true, observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
  });
  const answer = await fetch(`${url}things?a=b`, { method: 'POST', body: 'hello' });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toMatchObject({
    name: 'bin',
    namespace: 'default',
    region: 'eu',
    generation: 1,
    request: { method: 'POST', url: '/things?a=b', body: 'hello' },
  });
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(413);
});

test('a change of the order keeps the URL and answers the new generation; a deletion ends the service', async () => {
  const { feed, urlOf, reports } = delivering();
  feed(order(1));
  const url = await urlOf(1);
  feed(order(2, { generation: 2, region: 'us' }));
  expect(await urlOf(2)).toBe(url);
  expect(await (await fetch(url)).json()).toMatchObject({ region: 'us', generation: 2 });
  feed(order(3, { generation: 2, deleted: true }));
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ uid: 'u1', released: true }));
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('after a restart the topic says what to run, at the same URL; a port in use makes another one', async () => {
  const first = delivering();
  first.feed(order(1));
  const url = await first.urlOf(1);
  const rival = delivering();
  rival.feed(order(1));
  expect(await rival.urlOf(1)).not.toBe(url);
  await first.provider.stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  const second = delivering();
  second.feed(order(1));
  expect(await second.urlOf(1)).toBe(url);
});
