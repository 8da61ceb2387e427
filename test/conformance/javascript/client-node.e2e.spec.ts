import {
  ApiException,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  RbacAuthorizationV1Api,
  V1MicroTime,
  VersionApi,
  setHeaderOptions,
  type KubernetesObject,
  type V1ConfigMap,
  type V1Status,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindDemo, openWorkspace } from '../../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';
import { untilTrue } from '../../servers/tributary-until.ts';

// The JavaScript client, unmodified: what it is typed for, custom objects, and objects of any kind.

let server: TributaryServer;
let config: KubeConfig;
let core: CoreV1Api;

beforeAll(async () => {
  server = await startTributary();
  const workspace = await openWorkspace(server, 'javascript');
  await bindDemo(server, workspace);
  config = new KubeConfig();
  config.loadFromFile(server.kubeconfig);
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: server.url + workspace }));
  core = config.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: 'team' } } });
});
afterAll(() => server?.remove());

const namespace = 'team';
const configMap = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): V1ConfigMap => ({
  metadata: { name, labels },
  data,
});
const as = (strategy: PatchStrategy) => setHeaderOptions('Content-Type', strategy);

/** How a request was refused. */
async function refusalOf(asked: Promise<unknown>): Promise<{ readonly code: number; readonly status: V1Status }> {
  const error = await asked.then(
    () => new Error('was not refused'),
    (failure: unknown) => failure,
  );
  if (!(error instanceof ApiException)) throw error;
  const { code, body } = error as ApiException<V1Status | string>;
  return { code, status: typeof body === 'string' ? (JSON.parse(body) as V1Status) : body };
}

describe('the typed client', () => {
  it('creates, reads, replaces and deletes', async () => {
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap('a', { x: '1' }) });
    expect(created).toMatchObject({ metadata: { name: 'a', namespace, uid: expect.any(String) }, data: { x: '1' } });
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: { ...created, data: { x: '2' } } });
    expect(replaced.data).toEqual({ x: '2' });
    expect(await core.readNamespacedConfigMap({ namespace, name: 'a' })).toEqual(replaced);
    const stale = await refusalOf(core.replaceNamespacedConfigMap({ namespace, name: 'a', body: { ...created, data: { x: '3' } } }));
    expect(stale).toMatchObject({ code: 409, status: { reason: 'Conflict', details: { name: 'a', kind: 'configmaps' } } });
    expect(await core.deleteNamespacedConfigMap({ namespace, name: 'a' })).toMatchObject({ status: 'Success', details: { name: 'a' } });
    expect(await refusalOf(core.readNamespacedConfigMap({ namespace, name: 'a' }))).toMatchObject({
      code: 404,
      status: { kind: 'Status', reason: 'NotFound', message: 'configmaps "a" not found' },
    });
  });

  it('lists by label and page by page, and deletes a selection', async () => {
    for (const name of ['p1', 'p2', 'p3']) await core.createNamespacedConfigMap({ namespace, body: configMap(name, {}, { app: 'pages' }) });
    const first = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=pages', limit: 2 });
    expect(first.items.map(({ metadata }) => metadata?.name)).toEqual(['p1', 'p2']);
    const { _continue = '' } = first.metadata ?? {};
    const rest = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=pages', limit: 2, _continue });
    expect(rest.items.map(({ metadata }) => metadata?.name)).toEqual(['p3']);
    expect(rest.metadata?._continue ?? '').toBe('');
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'app=pages' });
    expect((await core.listConfigMapForAllNamespaces({ labelSelector: 'app=pages' })).items).toEqual([]);
  });

  it('patches by every strategy', async () => {
    const name = 'patched';
    await core.createNamespacedConfigMap({ namespace, body: configMap(name, { x: '1', y: '2' }) });
    const operations = [{ op: 'replace', path: '/data/x', value: '3' }];
    expect((await core.patchNamespacedConfigMap({ namespace, name, body: operations })).data).toEqual({ x: '3', y: '2' });
    const merged = await core.patchNamespacedConfigMap({ namespace, name, body: { data: { y: null } } }, as(PatchStrategy.MergePatch));
    expect(merged.data).toEqual({ x: '3' });
    const strategic = { metadata: { finalizers: ['example.com/a'] } };
    await core.patchNamespacedConfigMap({ namespace, name, body: strategic }, as(PatchStrategy.StrategicMergePatch));
    const more = { metadata: { finalizers: ['example.com/b'] } };
    const held = await core.patchNamespacedConfigMap({ namespace, name, body: more }, as(PatchStrategy.StrategicMergePatch));
    expect(held.metadata?.finalizers?.toSorted()).toEqual(['example.com/a', 'example.com/b']);
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { z: '4' } };
    const apply = { namespace, name, body: applied, fieldManager: 'spec' };
    expect((await core.patchNamespacedConfigMap(apply, as(PatchStrategy.ServerSideApply))).data).toEqual({ x: '3', z: '4' });
    const contested = { ...apply, body: { ...applied, data: { z: '5' } }, fieldManager: 'other' };
    expect(await refusalOf(core.patchNamespacedConfigMap(contested, as(PatchStrategy.ServerSideApply)))).toMatchObject({
      code: 409,
      status: { reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "spec": .data.z' },
    });
    const forced = await core.patchNamespacedConfigMap({ ...contested, force: true }, as(PatchStrategy.ServerSideApply));
    expect(forced.data).toEqual({ x: '3', z: '5' });
  });

  it('tries without doing, and is told what is wrong with every field', async () => {
    await core.createNamespacedConfigMap({ namespace, body: configMap('dry', {}), dryRun: 'All' });
    expect(await refusalOf(core.readNamespacedConfigMap({ namespace, name: 'dry' }))).toMatchObject({ code: 404 });
    const wrong = configMap('Wrong_', { 'a b': 'x' }, { 'bad key!': 'x' });
    const { code, status } = await refusalOf(core.createNamespacedConfigMap({ namespace, body: wrong }));
    expect({ code, reason: status.reason }).toEqual({ code: 422, reason: 'Invalid' });
    expect(status.details?.causes?.map(({ field }) => field)).toEqual(expect.arrayContaining(['metadata.name', 'metadata.labels']));
  });

  it('renews a Lease to the microsecond, and loses it to whoever was faster', async () => {
    const leases = config.makeApiClient(CoordinationV1Api);
    const renewTime = new V1MicroTime('2026-01-02T03:04:05.678Z');
    const spec = { holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0, acquireTime: renewTime, renewTime };
    const held = await leases.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec } });
    expect(held.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 });
    // The client says Date and gives the text.
    expect(String(held.spec?.renewTime)).toBe('2026-01-02T03:04:05.678000Z');
    const taken = { ...held, spec: { ...held.spec, holderIdentity: 'two', leaseTransitions: 1 } };
    await leases.replaceNamespacedLease({ namespace, name: 'leader', body: taken });
    expect(await refusalOf(leases.replaceNamespacedLease({ namespace, name: 'leader', body: held }))).toMatchObject({ code: 409 });
  });

  it('asks for rights, grants some, and for the version', async () => {
    const rights = config.makeApiClient(AuthorizationV1Api);
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    const resourceAttributes = { namespace, verb: 'get', resource: 'configmaps' };
    const mayAnn = async () =>
      (await rights.createSubjectAccessReview({ body: { spec: { user: 'ann', resourceAttributes } } })).status?.allowed;
    expect(await mayAnn()).toBe(false);
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
    await rbac.createNamespacedRole({ namespace, body: { metadata: { name: 'reader' }, rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }];
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name: 'readers' }, roleRef, subjects } });
    expect(await mayAnn()).toBe(true);
    const self = await rights.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    expect(self.status?.allowed).toBe(true);
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toMatch(/^v1\.\d+\.\d+/);
  });
});

const group = 'orchestrate.platform-mesh.io';
const version = 'v1alpha1';
const httpBin = (name: string, region: string) => ({
  apiVersion: `${group}/${version}`,
  kind: 'HttpBin',
  metadata: { name, namespace },
  spec: { region },
});
type HttpBin = ReturnType<typeof httpBin> & { readonly status?: { readonly url?: string } };

describe('custom objects', () => {
  const named = { group, version, namespace, plural: 'httpbins', name: 'web' };

  it('are ordered, delivered, changed and deleted', async () => {
    const custom = config.makeApiClient(CustomObjectsApi);
    const kind = { group, version, namespace, plural: 'httpbins' };
    await custom.createNamespacedCustomObject({ ...kind, body: httpBin('web', 'eu-west') });
    await untilTrue('the service has an address', async () => {
      const { status } = (await custom.getNamespacedCustomObject(named)) as HttpBin;
      return status?.url !== undefined;
    });
    const body = { spec: { region: 'us-east' } };
    const patched = (await custom.patchNamespacedCustomObject({ ...named, body }, as(PatchStrategy.MergePatch))) as HttpBin;
    expect(patched.spec).toEqual(body.spec);
    expect(await refusalOf(custom.patchNamespacedCustomObject({ ...named, body }, as(PatchStrategy.StrategicMergePatch)))).toMatchObject({
      code: 415,
      status: { reason: 'UnsupportedMediaType' },
    });
    const listed = (await custom.listNamespacedCustomObject(kind)) as { readonly kind: string; readonly items: readonly HttpBin[] };
    expect([listed.kind, ...listed.items.map(({ metadata }) => metadata.name)]).toEqual(['HttpBinList', 'web']);
    await custom.deleteNamespacedCustomObject(named);
    await untilTrue('web is gone', () =>
      custom.getNamespacedCustomObject(named).then(
        () => false,
        (error: unknown) => error instanceof ApiException && error.code === 404,
      ),
    );
  });
});

const isConflict = (error: unknown): false => {
  if (error instanceof ApiException && error.code === 409) return false;
  throw error;
};

describe('objects of any kind', () => {
  it.each<readonly [string, KubernetesObject & { readonly data?: object; readonly spec?: object }, object]>([
    ['a built-in', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any', namespace }, data: { x: '1' } }, { data: { x: '2' } }],
    ['a provider’s kind', httpBin('any', 'eu-west'), { spec: { region: 'us-west' } }],
  ])('are found by discovery: %s', async (_, object, change) => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const { apiVersion = '', kind = '' } = object;
    const header = { apiVersion, kind, metadata: { name: 'any', namespace } };
    expect(await objects.create(object)).toMatchObject({ metadata: { uid: expect.any(String) } });
    const wanted = { ...header, ...change };
    const patch = (strategy: PatchStrategy, manager?: string) =>
      objects.patch(wanted, undefined, undefined, manager, manager === undefined ? undefined : true, strategy);
    expect(await patch(PatchStrategy.MergePatch)).toMatchObject(change);
    expect(await patch(PatchStrategy.ServerSideApply, 'any')).toMatchObject(change);
    // Its provider may report in between: whoever replaces reads again.
    await untilTrue('it is labelled', async () => {
      const present = await objects.read(header);
      const labelled = { ...present, metadata: { ...present.metadata, labels: { a: 'b' } } };
      return objects.replace(labelled as typeof present).then(() => true, isConflict);
    });
    const { items } = await objects.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, 'a=b');
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['any']);
    await objects.delete(header);
    await untilTrue('it is gone', () =>
      objects.read(header).then(
        () => false,
        () => true,
      ),
    );
  });
});
