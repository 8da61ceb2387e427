import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { runBridge, runSpecPump, type Channel, type ProviderReport, type ReportOutcome } from '#bridge';
import { runProvider, statusTopic, topicsOf, type JsonObject, type SpecMessage, type WireRecord } from '#provider-sdk';
import { createLogger, silentLogger } from '#telemetry';
import { emptyLog, newEvent, thingEvent, thingsBound } from '#testing/bridge';
import { testKafka, type TestKafka } from '../../../test/servers/kafka.ts';
import { KafkaChannel } from './kafka-channel.ts';
import { KafkaProviderChannel } from './kafka-provider-channel.ts';

let kafka: TestKafka;
const endings: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  kafka = await testKafka();
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => kafka.stop());

const exportName = 'things.example.io';
const patience = { timeout: 30_000, interval: 5 };
const newPrefix = () => `mesh-${crypto.randomUUID().slice(0, 8)}`;

function settings(prefix: string) {
  return {
    brokers: kafka.brokers,
    prefix,
    clientId: 'spec',
    logger: process.env['SPEC_LOG'] ? createLogger({ level: 'debug', name: 'spec' }) : silentLogger,
  };
}

/** What an account would remember: the newest sequence of each object decides. */
class Accounts {
  readonly applied: (ProviderReport & { readonly at: number })[] = [];
  readonly received: ProviderReport[] = [];
  readonly #newest = new Map<string, string>();
  report(report: ProviderReport): Promise<ReportOutcome> {
    this.received.push(report);
    if (report.resource !== 'things') return Promise.resolve({ type: 'refused', reason: `${report.uid} is not of ${report.resource}` });
    if (report.sequence <= (this.#newest.get(report.uid) ?? '')) return Promise.resolve({ type: 'duplicate' });
    this.#newest.set(report.uid, report.sequence);
    this.applied.push({ ...report, at: performance.now() });
    return Promise.resolve({ type: 'applied' });
  }
  parked(): Promise<void> {
    return Promise.resolve();
  }
  generations(uid: string): number[] {
    return this.applied.filter((report) => report.uid === uid).map(({ observedGeneration }) => observedGeneration);
  }
}

function mesh(prefix: string, log = emptyLog(), accounts = new Accounts()) {
  const channel = new KafkaChannel({ ...settings(prefix), partitions: 4 });
  const bridge = runBridge({ log, channel, reports: accounts, logger: settings(prefix).logger });
  const stop = async () => {
    await bridge.stop();
    await channel.close();
  };
  endings.push(stop);
  const append = async (...events: Parameters<typeof newEvent>[0][]) =>
    void (await log.append('account-acc', await log.head('account-acc'), events.map(newEvent)));
  return { log, accounts, channel, bridge, stop, append };
}

function provider(prefix: string) {
  const channel = new KafkaProviderChannel(settings(prefix));
  const reconciled: SpecMessage[] = [];
  const reconcile = ({ object }: { readonly object: SpecMessage }): Promise<JsonObject> => {
    reconciled.push(object);
    return Promise.resolve({ size: object.spec?.['size'] ?? null });
  };
  const running = runProvider({
    channel,
    export: exportName,
    plurals: ['things'],
    reconcile,
    release: () => Promise.resolve(),
    logger: settings(prefix).logger,
  });
  const stop = async () => {
    await running.stop();
    await channel.close();
  };
  endings.push(stop);
  return { running, reconciled, stop, channel };
}

const statusRecord = (prefix: string, value: string, { uid = 'u1', plural = 'things' } = {}): WireRecord => ({
  topic: statusTopic(prefix, exportName, plural),
  key: `acc/${uid}`,
  value,
  headers: {},
});

test('an order goes out and its answer comes back; a deletion is acknowledged', async () => {
  const prefix = newPrefix();
  const { append, accounts } = mesh(prefix);
  provider(prefix);
  await append(thingsBound(), thingEvent('ResourceDeclared', { position: 2 }));
  await vi.waitFor(
    () => expect(accounts.applied).toMatchObject([{ cluster: 'acc', uid: 'u1', observedGeneration: 1, status: { size: 's' } }]),
    patience,
  );
  await append(thingEvent('SpecRevised', { position: 3, generation: 2, size: 'l' }));
  await vi.waitFor(() => expect(accounts.applied.at(-1)).toMatchObject({ observedGeneration: 2, status: { size: 'l' } }), patience);
  await append(thingEvent('DeletionRequested', { position: 4, generation: 2, deleted: true }));
  await vi.waitFor(() => expect(accounts.applied.at(-1)).toMatchObject({ uid: 'u1', released: true }), patience);
});

test('a provider that starts again sees all that is wanted, and answers each once more', async () => {
  const prefix = newPrefix();
  const { append, accounts } = mesh(prefix);
  const first = provider(prefix);
  await append(
    thingsBound(),
    ...Array.from({ length: 10 }, (_, index) => thingEvent('ResourceDeclared', { uid: `u${index}`, position: index + 2 })),
  );
  await vi.waitFor(() => expect(accounts.applied).toHaveLength(10), patience);
  await first.stop();
  await append(thingEvent('ResourceRemoved', { uid: 'u0', position: 20 }));
  const second = provider(prefix);
  await second.running.caughtUp;
  await vi.waitFor(() => expect(new Set(second.reconciled.map(({ metadata }) => metadata.uid)).size).toBeGreaterThanOrEqual(9), patience);
  await vi.waitFor(() => expect(accounts.applied.length).toBeGreaterThanOrEqual(19), patience);
});

test('what is delivered twice has one effect, on both sides', async () => {
  const prefix = newPrefix();
  const { append, accounts, stop, log } = mesh(prefix);
  const { reconciled, channel } = provider(prefix);
  await append(thingsBound(), thingEvent('ResourceDeclared', { position: 2 }));
  await vi.waitFor(() => expect(accounts.applied).toHaveLength(1), patience);
  await stop();
  // A bridge that carries the same log from the beginning once more, as one would whose checkpoint was lost.
  const forgetful = new KafkaChannel({ ...settings(prefix), partitions: 4 });
  const checkpoint = forgetful.checkpoint.bind(forgetful);
  forgetful.checkpoint = () => checkpoint().then(() => 0n);
  const again = runSpecPump({ log, channel: forgetful, logger: silentLogger });
  await vi.waitFor(async () => expect(await again.health()).toMatchObject({ state: 'carrying', lag: 0n }), patience);
  await again.stop();
  await forgetful.close();
  const next = mesh(prefix, log, accounts);
  const sent = accounts.applied[0]!;
  const report = JSON.stringify({ uid: 'u1', observedGeneration: 1, sequence: sent.sequence, status: { size: 'forged later' } });
  await channel.report(statusRecord(prefix, report));
  await channel.report(statusRecord(prefix, report));
  await next.append(thingEvent('SpecRevised', { position: 3, generation: 2 }));
  await vi.waitFor(() => expect(accounts.generations('u1')).toEqual([1, 2]), patience);
  expect(reconciled.map(({ metadata }) => metadata.generation)).toEqual([1, 2]);
  expect(accounts.received.length).toBeGreaterThanOrEqual(4);
});

test('a second bridge takes over; the first one ends, and every order arrives', async () => {
  const prefix = newPrefix();
  const first = mesh(prefix);
  provider(prefix);
  await first.append(thingsBound(), thingEvent('ResourceDeclared', { position: 2 }));
  await vi.waitFor(() => expect(first.accounts.applied).toHaveLength(1), patience);
  const second = mesh(prefix, first.log, first.accounts);
  await vi.waitFor(async () => expect((await second.bridge.health()).specs.state).toBe('carrying'), patience);
  await first.append(
    ...Array.from({ length: 20 }, (_, index) => thingEvent('ResourceDeclared', { uid: `v${index}`, position: index + 3 })),
  );
  await first.bridge.ended;
  expect((await first.bridge.health()).specs.state).toBe('fenced');
  await vi.waitFor(() => expect(first.accounts.applied).toHaveLength(21), patience);
});

test('garbage and reports about strangers are parked with the reason, and stop nobody else', async () => {
  const prefix = newPrefix();
  const { append, accounts, channel } = mesh(prefix);
  const { channel: sending } = provider(prefix);
  await append(thingsBound());
  await vi.waitFor(
    async () => expect(await channel.ensureTopics(topicsOf(prefix, exportName, ['things', 'others']))).toEqual({ type: 'ready' }),
    patience,
  );
  await sending.report(statusRecord(prefix, 'garbage', { uid: 'u7' }));
  await sending.report(
    statusRecord(prefix, JSON.stringify({ uid: 'u8', observedGeneration: 1, sequence: '1', status: {} }), { uid: 'u8', plural: 'others' }),
  );
  await append(thingEvent('ResourceDeclared', { position: 2 }));
  await vi.waitFor(() => expect(accounts.generations('u1')).toEqual([1]), patience);
  await vi.waitFor(async () => {
    const parked = (await channel.parked()).toSorted((a, b) => (a.record.key ?? '').localeCompare(b.record.key ?? ''));
    expect(parked).toMatchObject([
      {
        record: { key: 'acc/u7', value: 'garbage', topic: statusTopic(prefix, exportName, 'things') },
        reason: expect.stringContaining('not JSON'),
      },
      { record: { key: 'acc/u8' }, reason: 'u8 is not of others' },
    ]);
  }, patience);
});

test("a topic that stands other than the contract says is refused with the setting's name", async () => {
  const prefix = newPrefix();
  const channel: Channel = new KafkaChannel({ ...settings(prefix), partitions: 2 });
  endings.push(() => channel.close());
  const [spec] = topicsOf(prefix, exportName, ['things']);
  await channel.ensureTopics([{ ...spec!, kind: 'status' }]);
  expect(await channel.ensureTopics([spec!])).toEqual({
    type: 'mismatch',
    mismatches: [{ topic: spec!.topic, setting: 'cleanup.policy', expected: 'compact', actual: 'delete' }],
  });
  await expect(channel.checkpoint()).rejects.toThrow(`topic ${spec!.topic} has cleanup.policy=delete, the contract says compact`);
});

test.skipIf(process.env['KAFKA_BROKERS'])('Kafka goes away and comes back: orders queue in the log, and nothing is lost', async () => {
  const prefix = newPrefix();
  const { append, accounts, bridge } = mesh(prefix);
  provider(prefix);
  await append(thingsBound(), thingEvent('ResourceDeclared', { position: 2 }));
  await vi.waitFor(() => expect(accounts.applied).toHaveLength(1), patience);
  await kafka.down();
  await append(...Array.from({ length: 50 }, (_, index) => thingEvent('ResourceDeclared', { uid: `w${index}`, position: index + 3 })));
  await vi.waitFor(
    async () => expect((await bridge.health()).specs).toMatchObject({ state: 'retrying', lag: 50n, lastError: expect.any(String) }),
    patience,
  );
  await append(thingEvent('SpecRevised', { position: 60, generation: 2 }));
  await kafka.up();
  await vi.waitFor(() => expect(new Set(accounts.applied.map(({ uid }) => uid)).size).toBe(51), patience);
  await vi.waitFor(() => expect(accounts.generations('u1').at(-1)).toBe(2), patience);
  expect((await bridge.health()).specs).toEqual({ state: 'carrying', lag: 0n });
});

// Whether the goal of 100 ms at the 99th percentile holds is for the benchmark to say, on a machine that does nothing else. Beside other
// work a round may be slow; where something on the way waited for a timer, all would be.
test('nothing on the way waits for a timer: at 100 orders per second half are answered within 100 ms', async () => {
  const prefix = newPrefix();
  const { append, accounts } = mesh(prefix);
  provider(prefix);
  await append(thingsBound(), thingEvent('ResourceDeclared', { uid: 'warm', position: 2 }));
  await vi.waitFor(() => expect(accounts.applied).toHaveLength(1), patience);
  const sentAt = new Map<string, number>();
  const round = async (count: number): Promise<number> => {
    const before = sentAt.size;
    await new Promise<void>((done) => {
      const pace = setInterval(() => {
        const uid = `l${sentAt.size}`;
        sentAt.set(uid, performance.now());
        void append(thingEvent('ResourceDeclared', { uid, position: sentAt.size + 2 }));
        if (sentAt.size < before + count) return;
        clearInterval(pace);
        done();
      }, 10);
    });
    await vi.waitFor(() => expect(accounts.applied).toHaveLength(sentAt.size + 1), patience);
    const waits = accounts.applied
      .slice(before + 1)
      .map(({ uid, at }) => at - (sentAt.get(uid) ?? 0))
      .toSorted((a, b) => a - b);
    const [p50 = 0, p99 = 0, most = 0] = [0.5, 0.99, 1].map((part) => Math.round(waits[Math.ceil(part * waits.length) - 1]!));
    process.stdout.write(`order to report through Kafka, ${count} at 100/s: p50 ${p50} ms, p99 ${p99} ms, longest ${most} ms\n`);
    return p50;
  };
  const until = performance.now() + 40_000;
  let p50 = await round(200);
  while (p50 > 100 && performance.now() < until) p50 = await round(200);
  expect(p50).toBeLessThanOrEqual(100);
});
