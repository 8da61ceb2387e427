import { expect, onTestFinished, test, vi } from 'vitest';
import { statusTopic, type ProviderChannel } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import { MemoryChannelStore } from './channel-store.ts';
import { InProcessChannel } from './in-process-channel.ts';
import type { ParkedReport, ProviderReport, ReportOutcome } from '#workspace';
import { runStatusPump } from './status-pump.ts';

type Answer = (report: ProviderReport) => ReportOutcome | Promise<ReportOutcome>;

function carrying(answer: Answer = () => ({ type: 'applied' }), store = new MemoryChannelStore()) {
  const channel = new InProcessChannel(store, 'mesh');
  const reports: ProviderReport[] = [];
  const parked: ParkedReport[] = [];
  const port = {
    report: async (report: ProviderReport) => {
      reports.push(report);
      return answer(report);
    },
    parked: async (report: ParkedReport) => void parked.push(report),
  };
  const pump = runStatusPump({ channel, reports: port, logger: silentLogger, retryDelayMs: 1 });
  onTestFinished(() => pump.stop());
  return { channel, provider: channel.forProvider(), reports, parked, pump, store };
}

const message = (uid: string, sequence: number, more: object = { status: { ok: true } }) =>
  JSON.stringify({ uid, observedGeneration: 2, sequence: String(sequence), ...more });

const send = (provider: ProviderChannel, value: string | null, { key = 'acc/u1' as string | null, plural = 'things' } = {}) =>
  provider.report({ topic: statusTopic('mesh', 'things.example.io', plural), key, value, headers: {} });

test('a report becomes what the workspaces understand, with an id made of its place', async () => {
  const { provider, reports } = carrying();
  await send(provider, message('u1', 7));
  await send(provider, message('u1', 8, { released: true }));
  expect(reports).toMatchObject([
    {
      cluster: 'acc',
      uid: 'u1',
      export: 'things.example.io',
      resource: 'things',
      observedGeneration: 2,
      sequence: '00000000000000000007',
      status: { ok: true },
      released: false,
    },
    { uid: 'u1', sequence: '00000000000000000008', status: undefined, released: true },
  ]);
  expect(reports[0]!.cause).toMatch(/^mesh\.things\.example\.io\.things\.status\/0\/\d+$/);
});

test.each([
  ['no JSON', 'acc/u1', '{', 'not JSON'],
  ['a wrong uid', 'acc/u1', message('u2', 1), 'the key names u1, the report u2'],
  ['no key', null, message('u1', 1), 'the key is not <account>/<uid>'],
  ['a sequence that is none', 'acc/u1', message('u1', 1).replace('"1"', '"x"'), 'sequence must be'],
])('%s is parked with the reason, and never reaches the workspaces', async (_name, key, value, reason) => {
  const { channel, provider, reports } = carrying();
  const park = vi.spyOn(channel, 'park');
  await send(provider, value, { key });
  expect(park).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: expect.stringContaining(reason), attempts: 1 }));
  expect(reports).toEqual([]);
});

test("a report about a stranger's object is parked with the reason given", async () => {
  const { channel, provider, parked } = carrying(() => ({ type: 'refused', reason: 'u1 is not yours' }));
  await send(provider, message('u1', 1));
  expect(parked).toMatchObject([{ cluster: 'acc', uid: 'u1', export: 'things.example.io', resource: 'things', reason: 'u1 is not yours' }]);
  expect(await channel.parked()).toMatchObject([{ reason: 'u1 is not yours', record: { key: 'acc/u1' } }]);
});

test('once a report is parked, later ones of its key are too, others are not; a restart does not forget', async () => {
  const answer: Answer = ({ sequence }) => (sequence.endsWith('1') ? { type: 'refused', reason: 'bad' } : { type: 'applied' });
  const first = carrying(answer);
  await send(first.provider, message('u1', 1));
  await send(first.provider, message('u1', 2));
  await send(first.provider, message('u2', 2), { key: 'acc/u2' });
  await send(first.provider, message('u1', 2), { plural: 'others' });
  expect(first.reports.map(({ uid, sequence, resource }) => [uid, Number(sequence), resource])).toEqual([
    ['u1', 1, 'things'],
    ['u2', 2, 'things'],
    ['u1', 2, 'others'],
  ]);
  await first.pump.stop();
  const second = carrying(answer, first.store);
  await send(second.provider, message('u1', 3));
  expect(second.reports).toEqual([]);
  const [parked] = await second.channel.parked();
  expect(parked).toMatchObject({ reason: 'an earlier report of this key is parked', record: { value: message('u1', 3) } });
  await second.channel.replay(parked!);
  await send(second.provider, message('u1', 4));
  expect(second.reports.map(({ sequence }) => Number(sequence))).toEqual([3, 4]);
});

test('what is gone or known is dropped quietly; a tombstone means nothing', async () => {
  const { channel, provider, reports } = carrying(({ uid }) => ({ type: uid === 'u1' ? 'unknown' : 'duplicate' }));
  await send(provider, message('u1', 1));
  await send(provider, message('u2', 1), { key: 'acc/u2' });
  await send(provider, null);
  expect(reports).toHaveLength(2);
  expect(await channel.parked()).toEqual([]);
});

test('an outage of the log is waited out; nothing is parked', async () => {
  let outages = 3;
  const { channel, provider, reports, pump } = carrying(() => {
    if (outages-- > 0) throw new Error('log away');
    return { type: 'applied' };
  });
  await send(provider, message('u1', 1));
  expect(reports).toHaveLength(4);
  expect(await channel.parked()).toEqual([]);
  expect(await pump.health()).toEqual({ state: 'carrying', lag: 0n });
});

test('reports of one key are recorded one after the other, of different keys at once', async () => {
  const open = new Set<string>();
  let most = 0;
  const { provider, reports } = carrying(async ({ uid }) => {
    expect(open.has(uid)).toBe(false);
    open.add(uid);
    most = Math.max(most, open.size);
    await new Promise(setImmediate);
    open.delete(uid);
    return { type: 'applied' };
  });
  await Promise.all(['u1', 'u2', 'u1', 'u2', 'u1'].map((uid, index) => send(provider, message(uid, index + 1), { key: `acc/${uid}` })));
  expect(reports).toHaveLength(5);
  expect(most).toBe(2);
});
