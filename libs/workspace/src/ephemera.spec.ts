import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { collect } from '#testing/stream';
import type { KubeObject } from '#kube';
import { House } from './house.ts';
import { ada as author, openRoot } from './testing/open-root.ts';
import { leases } from './kinds/core-kinds.ts';
import { namespaces } from './kinds/tenancy-kinds.ts';
import type { StoredObject, WatchEvent, Workspace } from './workspaces.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
const inNamespace = { kind: leases, version: 'v1', namespace: 'n' };

let log: MemoryEventLog;
let snapshots: MemorySnapshotStore;
let house: House;
let workspace: Workspace;

const enter = async (...names: readonly string[]): Promise<void> => {
  ({ house, workspace } = await openRoot({ log, snapshots }, names));
};

beforeEach(async () => {
  log = new MemoryEventLog();
  snapshots = new MemorySnapshotStore();
  await enter('n');
});
afterEach(() => house.close());

const lease = (spec: object, metadata: object = {}): KubeObject =>
  ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'leader', ...metadata }, spec }) as KubeObject;
const create = (spec: object, namespace = 'n') => workspace.create({ ...write, kind: leases, namespace, body: lease(spec) });
const renew = (spec: object, resourceVersion: string) =>
  workspace.update({ ...write, kind: leases, namespace: 'n', name: 'leader', body: lease(spec, { resourceVersion }) });
const get = (): Promise<StoredObject | undefined> => workspace.get({ ...inNamespace, name: 'leader' });

async function present(): Promise<StoredObject> {
  const found = await get();
  if (!found) throw new Error('there is no lease');
  return found;
}

/** Renews the lease so many times, as its holder would. */
async function renewTimes(times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    const { resourceVersion = '' } = (await present()).object.metadata;
    const renewTime = `2026-01-01T00:00:00.${String(turn).padStart(6, '0')}Z`;
    expect((await renew({ renewTime, leaseTransitions: 0 }, resourceVersion)).type).toBe('committed');
  }
}

describe('a Lease', () => {
  it('is created by an update where there is none, whatever version that names', async () => {
    const put = await renew({ holderIdentity: 'me' }, '12345');
    expect(put).toMatchObject({ type: 'committed', created: true, object: { object: { metadata: { name: 'leader' } } } });
    expect(await renew({ holderIdentity: 'me' }, '1')).toMatchObject({ type: 'refused', refusal: { type: 'ResourceMoved' } });
    expect(await renew({ holderIdentity: 'me' }, (await present()).object.metadata.resourceVersion ?? '')).toMatchObject({
      created: false,
    });
  });

  it('is not created by an update of whoever may only change it, nor for a name that is not its own', async () => {
    const request = { ...write, kind: leases, namespace: 'n', name: 'leader', body: lease({}) };
    const kept = await workspace.update({ ...request, whyNotCreate: () => 'no' });
    expect(kept).toMatchObject({ type: 'refused', refusal: { type: 'CreationNotGranted', message: 'no' } });
    expect(await workspace.update({ ...request, name: 'other' })).toMatchObject({ type: 'refused', refusal: { type: 'RequestMalformed' } });
    const meant = await workspace.update({ ...request, body: lease({}, { uid: 'one-that-was' }) });
    expect(meant).toMatchObject({ type: 'refused', refusal: { type: 'ResourceMoved' } });
    expect(await get()).toBeUndefined();
  });

  it('keeps its microseconds and its zero, and costs the account nothing', async () => {
    const before = workspace.position();
    const spec = { holderIdentity: 'a', renewTime: '2026-03-04T05:06:07.890123Z', leaseTransitions: 0 };
    expect(await create(spec)).toMatchObject({ type: 'committed', object: { object: { spec } } });
    await renewTimes(5);
    expect(workspace.position()).toBe(before);
    expect(await workspace.positionOf(leases)).toBe((await present()).position);
  });

  it('goes to whoever writes first', async () => {
    await create({ holderIdentity: 'a' });
    const { resourceVersion = '' } = (await present()).object.metadata;
    expect(await renew({ holderIdentity: 'b' }, resourceVersion)).toMatchObject({ type: 'committed' });
    expect(await renew({ holderIdentity: 'c' }, resourceVersion)).toMatchObject({ refusal: { type: 'ResourceMoved' } });
  });

  it('needs its namespace, which stands in the account', async () => {
    expect(await create({}, 'missing')).toMatchObject({ refusal: { type: 'NamespaceUnknown', namespace: 'missing' } });
    await workspace.delete({ ...write, kind: namespaces, namespace: '', name: 'n', propagation: 'Background' });
    expect(await create({})).toMatchObject({ refusal: { type: 'NamespaceTerminating' } });
  });

  it('is checked like any object', async () => {
    expect(await create({ leaseDurationSeconds: 0 })).toMatchObject({
      refusal: { type: 'ObjectInvalid', causes: [{ field: 'spec.leaseDurationSeconds' }] },
    });
  });

  it('is watched', async () => {
    const seen: WatchEvent[] = [];
    const outcome = await workspace.watch(inNamespace, { events: (batch) => seen.push(...batch), ended: () => undefined });
    await new Promise((resolve) => setImmediate(resolve));
    await create({});
    await renewTimes(1);
    await workspace.delete({ ...write, ...inNamespace, name: 'leader', propagation: 'Background' });
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    if (outcome.type === 'watching') outcome.stop();
  });

  it('is still there after a restart', async () => {
    await create({ holderIdentity: 'a' });
    await house.close();
    await enter();
    expect((await present()).object.spec).toEqual({ holderIdentity: 'a' });
  });
});

describe('a side stream', () => {
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 1) await house.ephemera.round();
  };
  const watchFrom = (after: bigint) => workspace.watch({ ...inNamespace, after }, { events: () => undefined, ended: () => undefined });

  it('has a position before anything was written', async () => {
    expect(await workspace.list(inNamespace)).toEqual({ type: 'listed', items: [], position: 1n });
    expect(await log.head('ephemeral-root')).toBe(0n);
  });

  it('forgets its past after a while, and keeps what is', async () => {
    await create({ holderIdentity: 'a' });
    await renewTimes(250);
    await rounds(10);
    expect((await watchFrom(2n)).type).toBe('watching');
    await rounds(1);
    await house.close();
    await enter();
    expect((await present()).object.spec).toMatchObject({ leaseTransitions: 0 });
    expect((await watchFrom(2n)).type).toBe('expired');
    expect((await watchFrom(await workspace.positionOf(leases))).type).toBe('watching');
  });

  it('holds no more than what happened in the last rounds, however long it is used', { timeout: 30_000 }, async () => {
    await create({ holderIdentity: 'me' });
    let most = 0;
    for (let turn = 0; turn < 40; turn++) {
      await renewTimes(60);
      await house.ephemera.round();
      const kept = (await collect(log.readAll(0n))).filter(({ stream }) => stream === 'ephemeral-root');
      most = Math.max(most, kept.length);
    }
    // Eleven rounds, and what is not yet worth a truncation.
    expect(most).toBeLessThanOrEqual(12 * 60 + 200 + 60);
    expect((await log.head('ephemeral-root')) > 2_400n).toBe(true);
  });

  it('goes on with what is left where its snapshot is lost', async () => {
    await create({ holderIdentity: 'a' });
    await renewTimes(250);
    await rounds(11);
    await renewTimes(1);
    const { position } = await present();
    await house.close();
    await snapshots.remove('ephemeral-root');
    await enter();
    expect((await present()).position).toBe(position);
    await renewTimes(2);
    expect((await present()).position).toBeGreaterThan(position);
  });

  it('is one for all processes', async () => {
    const others = () => new House({ log, snapshots, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
    const [one, two] = [others(), others()];
    const [first, second] = [await one.open('root'), await two.open('root')];
    await first?.create({ ...write, kind: leases, namespace: 'n', body: lease({ holderIdentity: 'a' }) });
    const seen = await second?.get({ ...inNamespace, name: 'leader' });
    const { resourceVersion = '' } = seen?.object.metadata ?? {};
    const take = (workspace: Workspace | undefined, holderIdentity: string) =>
      workspace?.update({ ...write, kind: leases, namespace: 'n', name: 'leader', body: lease({ holderIdentity }, { resourceVersion }) });
    const outcomes = await Promise.all([take(first, 'b'), take(second, 'c')]);
    expect(outcomes.map((outcome) => outcome?.type).sort()).toEqual(['committed', 'refused']);
    expect(await first?.positionOf(leases)).toBe(await second?.positionOf(leases));
    await Promise.all([one.close(), two.close()]);
  });
});
