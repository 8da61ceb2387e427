import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { readKubeconfig, startTributary, type TributaryServer } from '../servers/tributary.ts';
import { TributaryClient } from '../servers/tributary-client.ts';

// What becomes of an object, of those that depend on it, and of a whole namespace, as kubectl asks for it.

let server: TributaryServer;
let kubectl: Kubectl;
let client: TributaryClient;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([testKubectl(), startTributary(), mkdtemp(join(tmpdir(), 'deletion-'))]);
  const access = await readKubeconfig(server.kubeconfig);
  if (!access) throw new Error('the server has no kubeconfig');
  client = new TributaryClient(access);
});
afterAll(async () => {
  client?.close();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

/** What kubectl prints, in the workspace of all organisations. @throws with what it complains of */
async function k(...words: readonly string[]): Promise<string> {
  const place = ['--kubeconfig', server.kubeconfig, '--server', `${server.url}${workspace}`, '--cache-dir', join(folder, 'cache')];
  return (await run(kubectl.program, [...place, ...words])).stdout;
}

const workspace = '/clusters/root:orgs';
const maps = `${workspace}/api/v1/namespaces/default/configmaps`;

let files = 0;
async function made(...objects: readonly object[]): Promise<void> {
  const file = join(folder, `${files++}.json`);
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await k('create', '-f', file);
}

type Wish = { readonly owner?: string; readonly blocks?: boolean; readonly finalizers?: readonly string[]; readonly labels?: object };

async function aMap(name: string, { owner, blocks = true, finalizers, labels }: Wish = {}): Promise<void> {
  const reference = owner && { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: await uidOf(owner), blockOwnerDeletion: blocks };
  const metadata = { name, namespace: 'default', labels, finalizers, ownerReferences: reference ? [reference] : undefined };
  await made({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

const uidOf = (name: string): Promise<string> => field(name, '{.metadata.uid}');
const field = (name: string, path: string): Promise<string> => k('get', 'cm', name, '-o', `jsonpath=${path}`);
const letGo = (name: string): Promise<string> => k('patch', 'cm', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
const isGone = (...names: readonly string[]): Promise<string> =>
  k('wait', '--for=delete', '--timeout=10s', ...names.map((name) => `cm/${name}`));
const isGoing = (name: string): Promise<string> => k('wait', '--for=jsonpath={.metadata.deletionTimestamp}', '--timeout=10s', `cm/${name}`);

describe('kubectl delete', () => {
  it('takes dependents along afterwards', async () => {
    await aMap('owner');
    await aMap('child', { owner: 'owner' });
    await aMap('grandchild', { owner: 'child' });
    expect(await k('delete', 'cm', 'owner')).toContain('configmap "owner" deleted');
    await isGone('child', 'grandchild');
  });

  it('--cascade=foreground waits for those that block it', async () => {
    await aMap('owner');
    await aMap('child', { owner: 'owner', finalizers: ['x.io/hold'] });
    await k('delete', 'cm', 'owner', '--cascade=foreground', '--wait=false');
    await isGoing('child');
    expect(await field('owner', '{.metadata.finalizers}')).toBe('["foregroundDeletion"]');
    await letGo('child');
    await isGone('child', 'owner');
  });

  it('--cascade=orphan leaves them, without their owner', async () => {
    await aMap('owner');
    await aMap('child', { owner: 'owner' });
    await k('delete', 'cm', 'owner', '--cascade=orphan');
    await isGone('owner');
    expect(await field('child', '{.metadata.ownerReferences}{.metadata.deletionTimestamp}')).toBe('');
    await k('delete', 'cm', 'child');
  });

  it('refuses a policy said in two ways, and one that there is not', async () => {
    await aMap('owner');
    const body = { orphanDependents: true, propagationPolicy: 'Background' };
    const both = await client.call('DELETE', `${maps}/owner`, { body });
    expect([both.code, (JSON.parse(both.text) as { message: string }).message]).toEqual([
      422,
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Background": orphanDependents and deletionPropagation cannot be both set',
    ]);
    const other = await client.call('DELETE', `${maps}/owner?propagationPolicy=Sideways`);
    expect(other.text).toContain('supported values: \\"Foreground\\", \\"Background\\", \\"Orphan\\", \\"nil\\"');
    const stale = await client.call('DELETE', `${maps}/owner?uid=another`);
    expect(stale.code).toBe(409);
    await k('delete', 'cm', 'owner');
  });

  it('waits for finalizers, and answers what is left', async () => {
    await aMap('held', { finalizers: ['x.io/hold'] });
    await k('delete', 'cm', 'held', '--wait=false');
    expect(await field('held', '{.metadata.deletionGracePeriodSeconds}')).toBe('0');
    await letGo('held');
    await isGone('held');
  });
});

describe('an answer', () => {
  it('shows some kinds as they were, and of others only that they are gone', async () => {
    await k('create', 'sa', 'robot');
    await aMap('plain');
    const robot = `${workspace}/api/v1/namespaces/default/serviceaccounts/robot`;
    expect(await client.expect('DELETE', robot)).toMatchObject({ kind: 'ServiceAccount', metadata: { name: 'robot' } });
    const uid = await uidOf('plain');
    expect(await client.expect('DELETE', `${maps}/plain`)).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'plain', kind: 'configmaps', uid },
    });
  });

  it('tells that a PUT has created what was not there, of kinds that upstream creates so', async () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'put' }, spec: { holderIdentity: 'me' } };
    const path = `${workspace}/apis/coordination.k8s.io/v1/namespaces/default/leases/put`;
    expect((await client.call('PUT', path, { body: lease })).code).toBe(201);
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'put' } };
    expect((await client.call('PUT', `${maps}/put`, { body: map })).code).toBe(404);
    await client.expect('DELETE', path);
  });
});

describe('a whole collection', () => {
  it('goes as far as its labels reach', async () => {
    for (const [name, team] of [
      ['a', 'red'],
      ['b', 'red'],
      ['c', 'blue'],
    ] as const)
      await aMap(name, { labels: { team } });
    await client.expect('DELETE', `${maps}?labelSelector=team%3Dred`);
    expect(await k('get', 'cm', '-l', 'team', '-o', 'name')).toBe('configmap/c\n');
    await k('delete', 'cm', '-l', 'team');
  });

  it('of ClusterRoles goes but for those that the mesh itself has put there', async () => {
    await k('create', 'clusterrole', 'own', '--verb=get', '--resource=configmaps');
    const before = await k('get', 'clusterroles', '-o', 'name');
    await client.expect('DELETE', `${workspace}/apis/rbac.authorization.k8s.io/v1/clusterroles`);
    expect(await k('get', 'clusterroles', '-o', 'name')).toBe(before.replace('clusterrole.rbac.authorization.k8s.io/own\n', ''));
  });

  it('of Leases goes, too', async () => {
    await made({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l', namespace: 'default' }, spec: {} });
    const leases = `${workspace}/apis/coordination.k8s.io/v1/namespaces/default/leases`;
    expect(await client.expect('DELETE', `${leases}?limit=10`)).toMatchObject({ kind: 'LeaseList', items: [{ metadata: { name: 'l' } }] });
    expect(await k('get', 'leases', '-o', 'name')).toBe('');
  });
});

describe('a namespace', () => {
  it('takes its contents along, and says what still holds it', async () => {
    await k('create', 'namespace', 'full');
    await made({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace: 'full', finalizers: ['x.io/hold'] } });
    await made({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'loose', namespace: 'full' } });
    await k('delete', 'namespace', 'full', '--wait=false');
    await k('wait', '--for=condition=NamespaceContentRemaining', '--timeout=10s', 'namespace/full');
    const text = await k('get', 'namespace', 'full', '-o', 'json');
    const { status } = JSON.parse(text) as { status: { phase: string; conditions: { type: string; message: string }[] } };
    expect(status.phase).toBe('Terminating');
    expect(status.conditions.find(({ type }) => type === 'NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: x.io/hold in 1 resource instances',
    );
    await k('patch', 'cm', 'held', '-n', 'full', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await k('wait', '--for=delete', '--timeout=10s', 'namespace/full');
  });
});

describe('a quota', () => {
  const complaint = (...words: readonly string[]): Promise<string> =>
    k(...words).then(
      (said) => `no complaint: ${said}`,
      ({ stderr }: { readonly stderr: string }) => stderr,
    );
  const inSmall = (...words: readonly string[]): Promise<string> => k(...words, '-n', 'small');

  it('is created by kubectl, shown, and kept', async () => {
    await k('create', 'namespace', 'small');
    await inSmall('create', 'quota', 'few', '--hard=count/configmaps=3,secrets=1');
    await inSmall('create', 'cm', 'a');
    expect(await inSmall('get', 'quota', '--no-headers')).toMatch(/^few +count\/configmaps: 2\/3, secrets: 0\/1 +\d+s\n$/);
    await inSmall('create', 'cm', 'b');
    expect(await complaint('create', 'cm', 'c', '-n', 'small')).toBe(
      'error: failed to create configmap: configmaps "c" is forbidden: exceeded quota: few, requested: count/configmaps=1, used: count/configmaps=3, limited: count/configmaps=3\n',
    );
    await inSmall('delete', 'cm', 'a');
    await inSmall('create', 'cm', 'c');
    expect(await inSmall('describe', 'quota', 'few')).toMatch(/count\/configmaps +3 +3/);
    expect(await k('explain', 'resourcequota.spec.hard')).toContain('count/httpbins.example.com');
  });
});
