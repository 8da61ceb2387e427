import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, ServedKind } from '#kube';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import type { House } from './house.ts';
import { configMaps, leases, serviceAccounts } from './kinds/core-kinds.ts';
import { coreEvents } from './kinds/event-kinds.ts';
import { resourceQuotas } from './kinds/quota-kinds.ts';
import { ada as author, openRoot } from './testing/open-root.ts';
import type { Workspace } from './workspaces.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };

let log: MemoryEventLog;
let house: House;
let workspace: Workspace;

const enter = async (...names: readonly string[]): Promise<void> => {
  ({ house, workspace } = await openRoot({ log, snapshots: new MemorySnapshotStore() }, names));
};

beforeEach(async () => {
  log = new MemoryEventLog();
  await enter('n', 'other');
});
afterEach(() => house.close());

function create(kind: ServedKind, name: string, content: object = {}, namespace = 'n') {
  const body = { apiVersion: 'v1', kind: kind.kind, metadata: { name }, ...content } as KubeObject;
  return workspace.create({ ...write, kind, namespace, body });
}
const aMap = (name: string, namespace = 'n') => create(configMaps, name, {}, namespace);
const removeMap = (name: string) => workspace.delete({ ...write, kind: configMaps, namespace: 'n', name });
const aQuota = (hard: Record<string, string | number>, spec: object = {}) => create(resourceQuotas, 'q', { spec: { hard, ...spec } });
const statusOf = async () => (await workspace.get({ kind: resourceQuotas, version: 'v1', namespace: 'n', name: 'q' }))?.object.status;
const messageOf = (outcome: { readonly type: string; readonly refusal?: unknown }) =>
  (outcome.refusal as { message?: string } | undefined)?.message;

describe('a quota', () => {
  it('says from the start what it limits and how much of it is used', async () => {
    await aMap('a');
    await aMap('b', 'other');
    await aQuota({ 'count/configmaps': 5, secrets: '2', memory: '1Gi' });
    expect(await statusOf()).toEqual({
      hard: { 'count/configmaps': '5', memory: '1Gi', secrets: '2' },
      used: { 'count/configmaps': '2', memory: '0', secrets: '0' },
    });
  });

  it('counts kube-root-ca.crt, which upstream creates as any other ConfigMap', async () => {
    await aQuota({ configmaps: '1' });
    expect(await statusOf()).toMatchObject({ used: { configmaps: '1' } });
    expect(messageOf(await aMap('a'))).toContain('used: configmaps=1, limited: configmaps=1');
  });

  it('refuses what would be too many, in its own namespace only', async () => {
    await aQuota({ 'count/configmaps': '2', configmaps: '2', 'count/serviceaccounts': '1' });
    await aMap('a');
    expect(messageOf(await aMap('b'))).toBe(
      'exceeded quota: q, requested: configmaps=1,count/configmaps=1, used: configmaps=2,count/configmaps=2, limited: configmaps=2,count/configmaps=2',
    );
    expect(messageOf(await aMap('a'))).toContain('exceeded quota');
    expect((await aMap('b', 'other')).type).toBe('committed');
    expect((await create(serviceAccounts, 's')).type).toBe('committed');
  });

  it('knows at once what was created and what is gone', async () => {
    await aQuota({ configmaps: '3' });
    await aMap('a');
    await aMap('b');
    expect(await statusOf()).toMatchObject({ used: { configmaps: '3' } });
    await removeMap('a');
    expect(await statusOf()).toMatchObject({ used: { configmaps: '2' } });
    expect((await aMap('c')).type).toBe('committed');
  });

  it('lets in as many as it says, however many come at once', async () => {
    await aQuota({ configmaps: '8' });
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, at) => aMap(`map-${at}`)));
    expect(outcomes.filter(({ type }) => type === 'committed')).toHaveLength(7);
    expect(await statusOf()).toMatchObject({ used: { configmaps: '8' } });
  });

  it('is tried by a dry run, which uses nothing', async () => {
    await aQuota({ configmaps: '2' });
    const dry = {
      ...write,
      kind: configMaps,
      namespace: 'n',
      dryRun: true,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    };
    expect((await workspace.create(dry)).type).toBe('committed');
    await aMap('b');
    expect(messageOf(await workspace.create(dry))).toContain('exceeded quota');
  });

  it('follows its own spec, and what others make of its status', async () => {
    await aQuota({ configmaps: '2' });
    await aMap('a');
    const patch = (patch: object, subresource?: 'status') =>
      workspace.patch({
        ...write,
        kind: resourceQuotas,
        namespace: 'n',
        name: 'q',
        patch: { type: 'merge', patch, duplicateFields: [] },
        ...(subresource ? { subresource } : {}),
      });
    await patch({ spec: { hard: { configmaps: '3' } } });
    expect(await statusOf()).toEqual({ hard: { configmaps: '3' }, used: { configmaps: '2' } });
    await patch({ status: { used: { configmaps: '0' } } }, 'status');
    expect(await statusOf()).toMatchObject({ used: { configmaps: '2' } });
  });

  it('counts Leases, which stand on the side stream, and no Events, as upstream does', async () => {
    const aLease = (name: string, namespace = 'n') => {
      const body: KubeObject = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } };
      return workspace.create({ ...write, kind: leases, namespace, body });
    };
    await aLease('a');
    await aQuota({ 'count/leases.coordination.k8s.io': '2', 'count/events': '0', 'count/events.events.k8s.io': '0', configmaps: '5' });
    expect(await statusOf()).toMatchObject({ used: { 'count/leases.coordination.k8s.io': '1', configmaps: '1' } });
    expect((await aLease('b')).type).toBe('committed');
    expect(await statusOf()).toMatchObject({ used: { 'count/leases.coordination.k8s.io': '2' } });
    expect(messageOf(await aLease('c'))).toBe(
      'exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=2, limited: count/leases.coordination.k8s.io=2',
    );
    expect((await aLease('c', 'other')).type).toBe('committed');
    await aMap('a');
    await workspace.delete({ ...write, kind: leases, namespace: 'n', name: 'a' });
    const event = { involvedObject: { kind: 'ConfigMap', namespace: 'n', name: 'a' } };
    expect((await create(coreEvents, 'e', event)).type).toBe('committed');
    expect(await statusOf()).toEqual({
      hard: { 'count/leases.coordination.k8s.io': '2', 'count/events': '0', 'count/events.events.k8s.io': '0', configmaps: '5' },
      used: { 'count/leases.coordination.k8s.io': '1', configmaps: '2' },
    });
  });

  it('has a status that the server owns', async () => {
    await aQuota({ configmaps: '2' });
    await aMap('a');
    const quota = await workspace.get({ kind: resourceQuotas, version: 'v1', namespace: 'n', name: 'q' });
    expect(quota?.object.metadata.managedFields).toMatchObject([
      { manager: 'spec', operation: 'Update', fieldsV1: { 'f:spec': {} } },
      {
        manager: 'tributary',
        operation: 'Update',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:hard': { 'f:configmaps': {} }, 'f:used': { 'f:configmaps': {} } } },
      },
    ]);
  });

  it('of a scope is about programs, of which there are none', async () => {
    await aQuota({ configmaps: '0' }, { scopes: ['BestEffort'] });
    expect((await aMap('a')).type).toBe('committed');
  });

  it('counts itself, and is counted anew after a restart', async () => {
    await aQuota({ resourcequotas: '1', configmaps: '2' });
    await aMap('a');
    await house.close();
    await enter();
    expect(messageOf(await create(resourceQuotas, 'second', { spec: {} }))).toContain('exceeded quota: q, requested: resourcequotas=1');
    await aMap('b');
    expect((await aMap('c')).type).toBe('refused');
    expect(await statusOf()).toMatchObject({ used: { configmaps: '2', resourcequotas: '1' } });
  });

  it.each([
    [{ pixels: '1' }, 'spec.hard[pixels]', 'Invalid value: "pixels": must be a standard resource for quota'],
    [{ configmaps: '-1' }, 'spec.hard[configmaps]', 'Invalid value: "-1": must be greater than or equal to 0'],
    [{ configmaps: '1500m' }, 'spec.hard[configmaps]', 'Invalid value: "1500m": must be an integer'],
  ])('is refused with %j', async (hard, field, message) => {
    expect(await aQuota(hard)).toMatchObject({ type: 'refused', refusal: { causes: [{ field, message }] } });
  });
});
