import { expect, onTestFinished, test, vi } from 'vitest';
import { newOrderKey, orderKeyAnnotation, type SpecMessage, type WireRecord } from '#provider-sdk';
import { MemoryEventLog, type NewEvent } from '#stream';
import { silentLogger } from '#telemetry';
import { MemoryChannelStore } from './channel-store.ts';
import { ChannelFenced, type Channel, type TopicsOutcome } from './channel.ts';
import { InProcessChannel } from './in-process-channel.ts';
import type { SecretPort } from './order-secrets.ts';
import { runSpecPump } from './spec-pump.ts';
import { markedThing, newEvent, openedThing, thingEvent, thingsBound } from './testing/given.ts';

class WatchedChannel extends InProcessChannel {
  readonly delivered: WireRecord[] = [];
  readonly positions: bigint[] = [];
  readonly ensured: string[] = [];
  failWith: Error[] = [];
  mismatches: TopicsOutcome[] = [];
  override async ensureTopics(plan: Parameters<Channel['ensureTopics']>[0]): Promise<TopicsOutcome> {
    const mismatch = this.mismatches.shift();
    if (mismatch) return mismatch;
    this.ensured.push(...plan.map(({ topic }) => topic));
    return super.ensureTopics(plan);
  }
  override async deliver(records: readonly WireRecord[], position: bigint): Promise<void> {
    const failure = this.failWith.shift();
    if (failure) throw failure;
    await super.deliver(records, position);
    this.delivered.push(...records);
    this.positions.push(position);
  }
}

async function append(log: MemoryEventLog, ...events: NewEvent[]): Promise<void> {
  await log.append('account-acc', await log.head('account-acc'), events);
}

function carrying(
  parts: {
    log?: MemoryEventLog;
    store?: MemoryChannelStore;
    secrets?: SecretPort;
    idleCheckpointMs?: number;
    prepare?: (channel: WatchedChannel) => void;
  } = {},
) {
  const log = parts.log ?? new MemoryEventLog();
  const channel = new WatchedChannel(parts.store ?? new MemoryChannelStore(), 'mesh');
  parts.prepare?.(channel);
  const { secrets } = parts;
  const pump = runSpecPump({
    log,
    channel,
    secrets,
    logger: silentLogger,
    idleCheckpointMs: parts.idleCheckpointMs ?? 60_000,
    retryDelayMs: 1,
  });
  onTestFinished(() => pump.stop());
  return { log, channel, pump };
}

const keys = (channel: WatchedChannel) => channel.delivered.map(({ key, value }) => `${key}${value === null ? ' gone' : ''}`);

test('carries orders in the order of the log, and makes the topics when the export is bound', async () => {
  const { log, channel, pump } = carrying();
  await append(log, newEvent(thingsBound()));
  await vi.waitFor(() =>
    expect(channel.ensured).toEqual([
      'mesh.things.example.io.things.spec',
      'mesh.things.example.io.things.status',
      'mesh.things.example.io.status.dlq',
    ]),
  );
  await append(
    log,
    newEvent(thingEvent('ResourceDeclared')),
    newEvent(thingEvent('StatusReported')),
    newEvent(thingEvent('ResourceRemoved', { position: 3 })),
  );
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1', 'acc/u1 gone']));
  expect(channel.ensured).toHaveLength(3);
  expect(channel.positions.at(-1)).toBe(4n);
  expect(await pump.health()).toEqual({ state: 'carrying', lag: 0n });
});

test('goes on after a restart where it was, and sends nothing twice', async () => {
  const store = new MemoryChannelStore();
  const first = carrying({ store });
  await append(first.log, newEvent(thingEvent('ResourceDeclared')));
  await vi.waitFor(() => expect(keys(first.channel)).toEqual(['acc/u1']));
  await first.pump.stop();
  await append(first.log, newEvent(thingEvent('ResourceDeclared', { uid: 'u2', position: 2 })));
  const second = carrying({ store, log: first.log });
  await vi.waitFor(() => expect(keys(second.channel)).toEqual(['acc/u2']));
});

test('an outage stops nothing: orders wait in the log and are carried when it is over', async () => {
  const { log, channel, pump } = carrying({
    prepare: (channel) => (channel.failWith = [new Error('no broker'), new Error('no broker'), new Error('no broker')]),
  });
  await append(log, newEvent(thingEvent('ResourceDeclared')));
  await append(log, newEvent(thingEvent('SpecRevised', { position: 2, generation: 2 })));
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1', 'acc/u1']));
  expect((await pump.health()).lastError).toBeUndefined();
});

test('says what is wrong while it waits', async () => {
  const outage = Array.from({ length: 10_000 }, () => new Error('no broker'));
  const { log, pump } = carrying({ prepare: (channel) => (channel.failWith = outage) });
  await append(log, newEvent(thingEvent('ResourceDeclared')));
  await vi.waitFor(async () => expect(await pump.health()).toEqual({ state: 'retrying', lastError: 'no broker', lag: 1n }));
});

test('refuses a topic that stands other than the contract says, naming the setting, until it is put right', async () => {
  const mismatch: TopicsOutcome = {
    type: 'mismatch',
    mismatches: [{ topic: 't', setting: 'cleanup.policy', expected: 'compact', actual: 'delete' }],
  };
  const { log, channel, pump } = carrying({ prepare: (channel) => (channel.mismatches = Array.from({ length: 8 }, () => mismatch)) });
  await append(log, newEvent(thingEvent('ResourceDeclared')));
  await vi.waitFor(async () =>
    expect(await pump.health()).toMatchObject({
      state: 'refusing',
      lastError: expect.stringContaining('topic t has cleanup.policy=delete, the contract says compact'),
    }),
  );
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1']));
});

test('ends when another bridge has taken over', async () => {
  const { log, pump } = carrying({ prepare: (channel) => (channel.failWith = [new ChannelFenced('another one')]) });
  await append(log, newEvent(thingEvent('ResourceDeclared')));
  await pump.ended;
  expect(await pump.health()).toMatchObject({ state: 'fenced', lastError: 'another one' });
});

test('an order that is too large is left out, and the next ones are carried', async () => {
  const { log, channel } = carrying();
  await append(
    log,
    newEvent(thingEvent('ResourceDeclared', { size: 'x'.repeat(950_000) })),
    newEvent(thingEvent('ResourceDeclared', { uid: 'u2' })),
  );
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u2']));
});

test('no delivery weighs more than one record may', async () => {
  const { log, channel } = carrying();
  const large = Array.from({ length: 5 }, (_, index) =>
    newEvent(thingEvent('ResourceDeclared', { uid: `u${index}`, position: index + 1, size: 'x'.repeat(400_000) })),
  );
  await append(log, ...large);
  await vi.waitFor(() => expect(channel.positions).toEqual([2n, 4n, 5n]));
  expect(keys(channel)).toEqual(['acc/u0', 'acc/u1', 'acc/u2', 'acc/u3', 'acc/u4']);
});

test('progress without orders is remembered at a bounded rate, and when it stops', async () => {
  const slow = carrying();
  await append(slow.log, newEvent(thingEvent('StatusReported')));
  await vi.waitFor(async () => expect((await slow.pump.health()).lag).toBe(0n));
  expect(slow.channel.positions).toEqual([]);
  await slow.pump.stop();
  expect(slow.channel.positions).toEqual([1n]);
  const eager = carrying({ idleCheckpointMs: 0 });
  await append(eager.log, newEvent(thingEvent('StatusReported')));
  await vi.waitFor(() => expect(eager.channel.positions).toEqual([1n]));
});

test('progress without orders is remembered, too, when nothing more happens', async () => {
  const quiet = carrying({ idleCheckpointMs: 500 });
  await append(quiet.log, newEvent(thingEvent('StatusReported')));
  await vi.waitFor(() => expect(quiet.channel.positions).toEqual([1n]), { timeout: 20_000 });
}, 30_000);

test('the end of an account is passed at once: what is left of it waits for that', async () => {
  const { log, channel } = carrying();
  const by = { user: 'u', userAgent: 'a', fieldManager: 'm', at: '2026-01-01T00:00:00Z', cause: 'c' };
  await append(log, newEvent({ type: 'WorkspaceClosed', by }));
  await vi.waitFor(() => expect(channel.positions).toEqual([1n]), { timeout: 20_000 });
}, 30_000);

const exportWith = (annotation: string | undefined): SecretPort['apiExport'] => {
  const annotations: Record<string, string> = annotation === undefined ? {} : { [orderKeyAnnotation]: annotation };
  return async () => ({ apiVersion: 'apis.kcp.io/v1alpha2', kind: 'APIExport', metadata: { name: 'things.example.io', annotations } });
};
const sealedOf = ({ value }: WireRecord): unknown => (JSON.parse(value ?? '{}') as SpecMessage).metadata?.sealed;

test('what is sealed goes to the provider encrypted for the key of its export, in the order of the log', async () => {
  const apiExport = exportWith(JSON.stringify(newOrderKey('k1').publicKey));
  const { log, channel } = carrying({ secrets: { opened: openedThing, apiExport } });
  await append(
    log,
    markedThing('ResourceDeclared', { size: 'hunter2' }),
    newEvent(thingEvent('ResourceDeclared', { uid: 'u2' })),
    markedThing('ResourceRemoved', { size: 'hunter2' }),
  );
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1', 'acc/u2', 'acc/u1 gone']));
  expect(JSON.stringify(channel.delivered)).not.toContain('hunter2');
  expect(sealedOf(channel.delivered[0]!)).toEqual({ fields: ['/spec/size'], jwe: expect.stringMatching(/^ey/) });
  expect(JSON.parse(channel.delivered[0]!.value ?? '')).toMatchObject({ spec: {} });
  expect(sealedOf(channel.delivered[1]!)).toBeUndefined();
});

test.each<[string, SecretPort, string]>([
  ['whose export names no key', { opened: openedThing, apiExport: exportWith(undefined) }, 'names no key to encrypt them with'],
  ['whose export names what is none', { opened: openedThing, apiExport: exportWith('x') }, 'is no public key'],
  ['whose export is gone', { opened: openedThing, apiExport: async () => undefined }, 'names no key to encrypt them with'],
  [
    'whose object is gone, with its key',
    { opened: async () => undefined, apiExport: exportWith(undefined) },
    'the key that opens them is gone',
  ],
])('what is sealed stays behind for a provider %s, who is told', async (_, secrets, reason) => {
  const { log, channel } = carrying({ secrets });
  await append(log, markedThing('ResourceDeclared', { size: 'hunter2' }));
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1']));
  expect(JSON.stringify(channel.delivered)).not.toContain('hunter2');
  expect(sealedOf(channel.delivered[0]!)).toEqual({ fields: ['/spec/size'], reason: expect.stringContaining(reason) });
});

test('an order waits in the log while what is sealed in it cannot be opened', async () => {
  let outage = true;
  const opened: SecretPort['opened'] = async (cluster, recorded) => {
    if (outage) throw new Error('no database');
    return openedThing(cluster, recorded);
  };
  const { log, channel, pump } = carrying({ secrets: { opened, apiExport: exportWith(undefined) } });
  await append(log, markedThing('ResourceDeclared'));
  await vi.waitFor(async () => expect(await pump.health()).toMatchObject({ state: 'retrying', lastError: 'no database' }));
  outage = false;
  await vi.waitFor(() => expect(keys(channel)).toEqual(['acc/u1']));
});
