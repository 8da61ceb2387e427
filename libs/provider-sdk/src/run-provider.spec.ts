import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '#telemetry';
import { encodeHeaders } from './cloud-event.ts';
import type { JsonObject } from '#json';
import type { SealedFields, StatusMessage } from './messages.ts';
import type { ProviderChannel, SpecSink } from './provider-channel.ts';
import type { Desired } from './desired.ts';
import { newOrderKey } from './jwe.ts';
import { runProvider, type ProviderOptions } from './run-provider.ts';
import { sealFields } from './sealed-order.ts';
import { formatSequence } from './sequence.ts';
import type { WireRecord } from './wire-record.ts';

type Order = {
  readonly uid?: string;
  readonly generation?: number;
  readonly deleted?: boolean;
  readonly gone?: boolean;
  readonly sealed?: SealedFields;
};

function record(sequence: number, { uid = 'u1', generation = 1, deleted = false, gone = false, sealed }: Order = {}): WireRecord {
  const metadata = { name: uid, uid, generation, sealed, ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) };
  return {
    topic: 'm.x.io.things.spec',
    key: `acc/${uid}`,
    value: gone ? null : JSON.stringify({ apiVersion: 'x.io/v1', kind: 'Thing', metadata, spec: { size: generation } }),
    headers: encodeHeaders({
      id: `${sequence}`,
      source: '/',
      type: 'SpecRevised',
      subject: '',
      time: '',
      sequence: formatSequence(BigInt(sequence)),
    }),
  };
}

function running(parts: Partial<ProviderOptions> = {}) {
  const reports: StatusMessage[] = [];
  let sink: SpecSink | undefined;
  const channel: ProviderChannel = {
    prefix: 'm',
    subscribe: (_subscription, into, signal) => {
      sink = into;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    report: async ({ value }) => void reports.push(JSON.parse(value ?? '') as StatusMessage),
    close: () => Promise.resolve(),
  };
  const reconcile = vi.fn(async (desired: Desired): Promise<JsonObject> => ({ size: desired.object.spec?.['size'] ?? null }));
  const release = vi.fn(async () => undefined);
  const provider = runProvider({
    channel,
    export: 'x.io',
    plurals: ['things'],
    reconcile,
    release,
    logger: silentLogger,
    retryDelayMs: 1,
    ...parts,
  });
  onTestFinished(() => provider.stop());
  return { provider, reports, reconcile, release, feed: (...batch: WireRecord[]) => sink?.records(batch), end: () => sink?.caughtUp() };
}

test('answers each order with its generation and a growing sequence', async () => {
  const { reports, feed } = running();
  feed(record(1));
  await vi.waitFor(() => expect(reports).toMatchObject([{ uid: 'u1', observedGeneration: 1, status: { size: 1 } }]));
  feed(record(2, { generation: 2 }));
  await vi.waitFor(() => expect(reports).toHaveLength(2));
  expect(reports[1]).toMatchObject({ observedGeneration: 2, status: { size: 2 } });
  expect(reports[1]!.sequence > reports[0]!.sequence).toBe(true);
  expect(reports[0]!.sequence).toMatch(/^\d{20}$/);
});

test('what was delivered twice, or late, has no second effect', async () => {
  const { reports, reconcile, feed } = running();
  feed(record(5, { generation: 2 }), record(5, { generation: 2 }), record(4));
  await vi.waitFor(() => expect(reports).toHaveLength(1));
  feed(record(5, { generation: 2 }), record(6, { generation: 3 }));
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ observedGeneration: 3 }));
  expect(reconcile.mock.calls.map(([{ object }]) => object.metadata.generation)).toEqual([2, 3]);
});

test('orders that pile up for one instance are worked off as the newest one, never two at once', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  const { reports, feed } = running({
    reconcile: async ({ object }) => {
      seen.push(object.metadata.generation);
      await gate.promise;
      return {};
    },
  });
  feed(record(1), record(2, { generation: 2 }));
  feed(record(3, { generation: 3 }));
  expect(seen).toEqual([1]);
  feed(record(4, { generation: 4 }));
  gate.resolve();
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ observedGeneration: 4 }));
  expect(seen).toEqual([1, 4]);
});

test('a bounded number of instances is worked on at once', async () => {
  let now = 0;
  let most = 0;
  const { reports, feed } = running({
    concurrencyMax: 3,
    reconcile: async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now -= 1;
      return {};
    },
  });
  feed(...Array.from({ length: 20 }, (_, index) => record(1, { uid: `u${index}` })));
  await vi.waitFor(() => expect(reports).toHaveLength(20));
  expect(most).toBe(3);
});

test('a failure is said as a condition, beside what is known, and tried again', async () => {
  let failures = 2;
  const { reports, feed } = running({
    reconcile: async ({ object }) => {
      if (object.metadata.generation === 2 && failures-- > 0) throw new Error('no disk');
      return { url: 'http://x' };
    },
  });
  feed(record(1));
  await vi.waitFor(() => expect(reports).toHaveLength(1));
  feed(record(2, { generation: 2 }));
  await vi.waitFor(() => expect(reports).toHaveLength(4));
  expect(reports[1]).toMatchObject({
    observedGeneration: 2,
    status: {
      url: 'http://x',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'ReconcileFailed', message: 'no disk', observedGeneration: 2 },
        { type: 'Reconciling', status: 'True' },
      ],
    },
  });
  expect(reports[3]).toMatchObject({ observedGeneration: 2, status: { url: 'http://x' } });
});

test('a status too large to send is not sent; that it is too large is', async () => {
  const { reports, feed } = running({ reconcile: () => Promise.resolve({ text: 'x'.repeat(950_000) }) });
  feed(record(1));
  await vi.waitFor(() => expect(reports.length).toBeGreaterThanOrEqual(1));
  expect(reports[0]!.status).toEqual({
    conditions: [
      expect.objectContaining({
        type: 'Ready',
        status: 'False',
        message: expect.stringMatching(/^a report of \d+ bytes is above the 900000/),
      }),
      expect.objectContaining({ type: 'Reconciling' }),
    ],
  });
});

test("an outage on the way is waited out, and is not said to be the instance's failure", async () => {
  let outages = 3;
  const reached: StatusMessage[] = [];
  const { feed, reconcile } = running({
    channel: {
      prefix: 'm',
      subscribe: (_subscription, into) => {
        sinkOf.into = into;
        return Promise.resolve();
      },
      report: async ({ value }) => {
        if (outages-- > 0) throw new Error('no broker');
        reached.push(JSON.parse(value ?? '') as StatusMessage);
      },
      close: () => Promise.resolve(),
    },
  });
  feed();
  sinkOf.into?.records([record(1)]);
  await vi.waitFor(() => expect(reached).toMatchObject([{ observedGeneration: 1, status: { size: 1 } }]));
  expect(reconcile).toHaveBeenCalledOnce();
});

const sinkOf: { into?: SpecSink } = {};

test('a deletion releases and is acknowledged; the tombstone after it says nothing', async () => {
  const { reports, release, feed } = running();
  feed(record(1), record(2, { deleted: true }));
  await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ uid: 'u1', released: true }));
  const count = reports.length;
  feed(record(3, { gone: true }));
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(2));
  expect(reports).toHaveLength(count);
});

test('once caught up it is known which instances live', async () => {
  const onCaughtUp = vi.fn(async () => undefined);
  const { provider, feed, end } = running({ onCaughtUp });
  feed(record(1, { uid: 'a' }), record(1, { uid: 'b' }), record(2, { uid: 'b', gone: true }), record(1, { uid: 'c', gone: true }));
  end();
  await provider.caughtUp;
  expect(onCaughtUp).toHaveBeenCalledExactlyOnceWith(new Set(['a']));
});

test('garbage is left out and does not stop the rest', async () => {
  const { reports, feed } = running();
  feed({ ...record(1), value: 'no json' }, { ...record(1), headers: {} }, { ...record(1), key: null }, record(2, { uid: 'ok' }));
  await vi.waitFor(() => expect(reports).toMatchObject([{ uid: 'ok' }]));
});

const orderKey = newOrderKey('k1');
const pinned = sealFields(
  [
    [['spec', 'pin'], 'hunter2'],
    [['spec', 'a/b~c', 'pin'], 9007199254740993n],
  ],
  'acc/u1',
  orderKey.publicKey,
);

test('puts sealed fields back before it asks for anything, and shows them nowhere', async () => {
  const { reports, reconcile, feed } = running({ orderKeys: [orderKey.privateKey] });
  expect(JSON.stringify(pinned)).not.toContain('hunter2');
  feed(record(1, { sealed: pinned }));
  await vi.waitFor(() => expect(reports).toMatchObject([{ status: { size: 1 } }]));
  const { object } = reconcile.mock.calls[0]![0];
  expect(object.spec).toEqual({ size: 1, pin: 'hunter2', 'a/b~c': { pin: 9007199254740993n } });
  expect(object.metadata).not.toHaveProperty('sealed');
});

test.each<[string, SealedFields, string]>([
  ['without a key', pinned, 'no private key k1'],
  [
    'that the mesh could not encrypt',
    { fields: ['/spec/pin'], reason: 'the APIExport names no key' },
    '/spec/pin could not be delivered: the APIExport names no key',
  ],
])('says that it cannot work on sealed fields %s, and releases all the same', async (_, sealed, message) => {
  const { reports, reconcile, release, feed } = running();
  feed(record(1, { sealed }));
  await vi.waitFor(() => expect(JSON.stringify(reports)).toContain(message));
  expect(reconcile).not.toHaveBeenCalled();
  feed(record(2, { sealed, deleted: true }));
  await vi.waitFor(() => expect(reports).toContainEqual(expect.objectContaining({ released: true })));
  expect(release).toHaveBeenCalledOnce();
});
