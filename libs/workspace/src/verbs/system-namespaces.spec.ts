import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventLog } from '#stream';
import type { House } from '../house.ts';
import { configMaps, leases, serviceAccounts } from '../kinds/core-kinds.ts';
import { namespaces } from '../kinds/tenancy-kinds.ts';
import { ada as author, openRoot } from '../testing/open-root.ts';
import type { WatchEvent, Workspace } from '../workspaces.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
const at = { kind: namespaces, version: 'v1', namespace: '' };
const system = ['kube-node-lease', 'kube-public', 'kube-system'];

let log: MemoryEventLog;
let house: House;
let workspace: Workspace;

beforeEach(async () => {
  log = new MemoryEventLog();
  ({ house, workspace } = await openRoot({ log, serviceAccounts: { tokens: {} as never, ca: 'CA' } }, ['default']));
});
afterEach(() => house.close());

const get = async (name: string) => (await workspace.get({ ...at, name }))?.object;
const names = async (kind = namespaces): Promise<readonly string[]> => {
  const listed = await workspace.list({ ...at, kind });
  return listed.type === 'listed' ? listed.items.map(({ namespace, name }) => (kind === namespaces ? name : namespace)) : [];
};
const anAccount = (name: string, namespace = 'kube-system') =>
  workspace.create({
    ...write,
    kind: serviceAccounts,
    namespace,
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
  });
const positions = (): bigint => workspace.position();

describe('the namespaces that every cluster has', () => {
  it('are there before anybody made them, and cost the log nothing', async () => {
    const before = positions();
    expect(await names()).toEqual(['default', ...system]);
    expect(await get('kube-system')).toMatchObject({
      metadata: { name: 'kube-system', uid: expect.any(String), labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(await names(configMaps)).toEqual(['default', ...system]);
    expect(positions()).toBe(before);
  });

  it('take what is created in them, and are then the same namespaces', async () => {
    const before = await get('kube-system');
    expect(await anAccount('argocd-manager')).toMatchObject({ type: 'committed', created: true });
    const { resourceVersion, ...identity } = (await get('kube-system'))?.metadata ?? {};
    expect(Number(resourceVersion)).toBeGreaterThan(Number(before?.metadata.resourceVersion));
    expect(identity).toEqual({ ...before?.metadata, resourceVersion: undefined });
    expect(await names()).toEqual(['default', ...system]);
    expect(await names(configMaps)).toEqual(['default', ...system]);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } };
    expect(await workspace.create({ ...write, kind: leases, namespace: 'kube-node-lease', body: lease })).toMatchObject({
      type: 'committed',
    });
  });

  it('can be labelled, and not be made again', async () => {
    const patch = { type: 'merge' as const, patch: { metadata: { labels: { a: 'b' } } }, duplicateFields: [] };
    expect(await workspace.patch({ ...write, ...at, name: 'kube-system', patch })).toMatchObject({
      object: { object: { metadata: { labels: { a: 'b', 'kubernetes.io/metadata.name': 'kube-system' } } } },
    });
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-public' } };
    expect(await workspace.create({ ...write, ...at, body })).toMatchObject({ refusal: { type: 'ResourceExists' } });
  });

  it('cannot be deleted, but for the one of the nodes', async () => {
    for (const name of ['kube-system', 'kube-public'])
      expect(await workspace.delete({ ...write, ...at, name })).toMatchObject({
        refusal: { type: 'ActionForbidden', message: 'this namespace may not be deleted' },
      });
    expect(await workspace.delete({ ...write, ...at, name: 'kube-node-lease' })).toMatchObject({ type: 'terminating' });
  });

  it('change, and are not made, for those who watch', async () => {
    const told: WatchEvent[] = [];
    const sink = { events: (batch: readonly WatchEvent[]) => void told.push(...batch), ended: () => undefined };
    const watching = await workspace.watch(at, sink);
    await workspace.watch({ ...at, kind: configMaps }, sink);
    if (watching.type !== 'watching') throw new Error(watching.type);
    expect(watching.initial?.map(({ name }) => name)).toEqual(['default', ...system]);
    await new Promise(setImmediate);
    await anAccount('argocd-manager');
    expect(told.map(({ type, object: { namespace, name } }) => [type, namespace, name])).toEqual([
      ['MODIFIED', '', 'kube-system'],
      ['MODIFIED', 'kube-system', 'kube-root-ca.crt'],
    ]);
    watching.stop();
  });

  it('are on the pages of a list that began before they were written to', async () => {
    const began = workspace.position();
    await anAccount('argocd-manager');
    const listed = await workspace.list({ ...at, at: began });
    expect(listed.type === 'listed' && listed.items.map(({ name }) => name)).toEqual(['default', ...system]);
  });

  it('are made once by two who are first', async () => {
    await Promise.all([anAccount('a'), anAccount('b'), anAccount('c', 'kube-public')]);
    let declared = 0;
    for await (const { data } of log.readStream('account-root', -1n)) declared += Number(data.includes('"name":"kube-system","uid"'));
    expect(declared).toBe(1);
  });
});
