import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testPostgres } from '#testing/adapter-postgres';
import { bindGadgets, offerGadgets, openAccount } from '../faults/gadgets.ts';
import { killInMidst } from '../faults/kills.ts';
import { freePort } from '../servers/free-port.ts';
import { TributaryClient, type Served } from '../servers/tributary-client.ts';
import { RoleProcess } from '../servers/tributary-role.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { readKubeconfig, temporaryFolder } from '../servers/tributary.ts';

// Two processes serve the API over one database, a third plays policy and views. What one of them has answered, the other knows.
const shop = '/clusters/root:orgs:acme:shop';
const maps = `${shop}/api/v1/namespaces/default/configmaps`;
const rbac = `${shop}/apis/rbac.authorization.k8s.io/v1`;

let folder: string;
let env: Record<string, string>;
let ports: number[];
let a: TributaryClient;
let b: TributaryClient;
const running: RoleProcess[] = [];

beforeAll(async () => {
  const [{ url }, made] = await Promise.all([testPostgres(), temporaryFolder()]);
  folder = made;
  const tokenFile = join(folder, 'tokens.csv');
  await writeFile(tokenFile, 'ann-token-0123456789,ann,ann,"people"\n');
  await chmod(tokenFile, 0o600);
  ports = [await freePort(), await freePort()];
  env = { DATABASE_URL: url, TRIBUTARY_DATA: folder, TRIBUTARY_TOKEN_FILE: tokenFile, TRIBUTARY_PUBLIC_URL: urlOf(ports[0]!) };
  // At the same moment, over a database in which nothing is yet.
  await Promise.all([api(ports[0]!), api(ports[1]!), start(new RoleProcess('projector', env))]);
  const [first, second] = await Promise.all(ports.map(clientOf));
  [a, b] = [first!, second!];
  await openAccount(a, { parent: 'root:orgs', name: 'acme', type: 'org' });
  await openAccount(b, { parent: 'root:orgs:acme', name: 'shop', type: 'account' });
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(running.map(({ logs }) => logs.slice(-3000)).join('\n---\n'))));
afterAll(async () => {
  a?.close();
  b?.close();
  await Promise.all(running.map((role) => role.kill9()));
  await rm(folder, { recursive: true, force: true });
});

test('what one process has written, the other reads at once', async () => {
  for (let serial = 0; serial < 20; serial++) {
    const [writer, reader] = serial % 2 === 0 ? [a, b] : [b, a];
    const written = await writer.expect('POST', maps, { body: map(`read-${serial}`) });
    expect((await reader.get(`${maps}/read-${serial}`)).metadata.uid).toBe(written.metadata.uid);
    const names = (await reader.list(maps)).map(({ metadata }) => metadata.name);
    expect(names).toContain(`read-${serial}`);
  }
});

test('a watch at one process is told what both write, each once and in order', async () => {
  const { metadata } = await a.get<{ metadata: { resourceVersion: string } }>(maps);
  const watches = [a, b].map((client) => client.watch(maps, metadata.resourceVersion));
  const names = Array.from({ length: 60 }, (_, serial) => `seen-${serial}`);
  await Promise.all(names.map((name, serial) => (serial % 2 === 0 ? a : b).expect('POST', maps, { body: map(name) })));
  const [first, second] = await Promise.all(watches.map((watch) => watch.until('all are told', (events) => events.length >= names.length)));
  watches.forEach((watch) => watch.close());
  const told = first!.map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion]);
  expect(second!.map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion])).toEqual(told);
  expect(told.map(([, name]) => name).toSorted()).toEqual(names.toSorted());
  const versions = told.map(([, , version]) => Number(version));
  expect(versions).toEqual(versions.toSorted((one, other) => one - other));
});

test('a name is taken once, a quota is kept, and no update is lost, whoever takes the writes', async () => {
  const codesOf = (answers: readonly { readonly code: number }[]) => answers.map(({ code }) => code).toSorted();
  for (let serial = 0; serial < 10; serial++) {
    const both = await Promise.all([a, b].map((client) => client.call('POST', maps, { body: map(`once-${serial}`) })));
    expect(codesOf(both)).toEqual([201, 409]);
  }
  await a.expect('POST', `${shop}/api/v1/namespaces`, { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tight' } } });
  const tight = `${shop}/api/v1/namespaces/tight/configmaps`;
  const quotas = `${shop}/api/v1/namespaces/tight/resourcequotas`;
  const hard = { 'count/configmaps': '9' };
  await b.expect('POST', quotas, { body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard } } });
  const many = Array.from({ length: 30 }, (_, serial) => (serial % 2 === 0 ? a : b).call('POST', tight, { body: map(`many-${serial}`) }));
  const codes = codesOf(await Promise.all(many));
  // The ConfigMap of the server's certificate is counted too, as upstream has it.
  expect(codes).toEqual([...Array<number>(8).fill(201), ...Array<number>(22).fill(403)]);
  expect((await b.get(`${quotas}/few`)).status?.['used']).toEqual({ 'count/configmaps': '9' });

  await a.expect('POST', maps, { body: { ...map('counter'), data: { count: '0' } } });
  const increment = async (client: TributaryClient): Promise<void> => {
    for (let done = 0; done < 12;) {
      const present = await client.get<Served & { data: { count: string } }>(`${maps}/counter`);
      const body = { ...present, data: { count: `${Number(present.data.count) + 1}` } };
      const { code } = await client.call('PUT', `${maps}/counter`, { body });
      expect([200, 409]).toContain(code);
      if (code === 200) done++;
    }
  };
  await Promise.all([a, a, b, b].map(increment));
  expect((await b.get<Served & { data: object }>(`${maps}/counter`)).data).toEqual({ count: '48' });
});

test('candidates who ask different processes elect one leader', async () => {
  const leases = `${shop}/apis/coordination.k8s.io/v1/namespaces/default/leases`;
  const lease = (holderIdentity: string) => ({ spec: { holderIdentity, leaseDurationSeconds: 15 } });
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'leader' }, ...lease('nobody') };
  await a.expect('POST', leases, { body });
  const holders: string[] = [];
  for (let term = 0; term < 10; term++) {
    const present = await (term % 2 === 0 ? a : b).get(`${leases}/leader`);
    expect(present.spec['holderIdentity']).toBe(holders.at(-1) ?? 'nobody');
    const claims = [a, b].map(async (client, index) => {
      const candidate = `candidate-${index}-of-term-${term}`;
      const { code } = await client.call('PUT', `${leases}/leader`, { body: { ...present, ...lease(candidate) } });
      return code === 200 ? [candidate] : [];
    });
    const winners = (await Promise.all(claims)).flat();
    expect(winners).toHaveLength(1);
    holders.push(winners[0]!);
  }
});

test('a right that is given or taken at one process is so at the other, for watches and tokens too', async () => {
  const token = 'ann-token-0123456789';
  const subjects = [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'ann' }, subjects, roleRef };
  const ann = new TributaryClient({ ...(await access()), url: urlOf(ports[1]!), token });
  expect((await ann.call('GET', maps)).code).toBe(403);
  await a.expect('POST', `${rbac}/clusterrolebindings`, { body });
  const { metadata } = await ann.get<{ metadata: { resourceVersion: string } }>(maps);
  const watch = ann.watch(maps, metadata.resourceVersion);
  expect(await watch.code).toBe(200);
  await a.expect('DELETE', `${rbac}/clusterrolebindings/ann`);
  expect((await ann.call('GET', maps)).code).toBe(403);
  await expect(Promise.race([watch.ended, until('the watch is over', () => undefined)])).resolves.toBeUndefined();
  ann.close();

  const accounts = `${shop}/api/v1/namespaces/default/serviceaccounts`;
  await a.expect('POST', accounts, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } } });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const given = await b.expect<{ status: { token: string } }>('POST', `${accounts}/robot/token`, { body: request });
  const show = (client: TributaryClient) => client.call('GET', maps, { token: given.status.token });
  expect([(await show(a)).code, (await show(b)).code]).toEqual([403, 403]);
  await a.expect('DELETE', `${accounts}/robot`);
  expect([(await show(a)).code, (await show(b)).code]).toEqual([401, 401]);
});

test('what is bound, defined or offered at one process is served by the other', async () => {
  const entries = `${shop}/apis/marketplace.platform-mesh.io/v1alpha1/marketplaceentries`;
  const { metadata } = await b.get<{ metadata: { resourceVersion: string } }>(entries);
  const watch = b.watch(entries, metadata.resourceVersion);
  expect(await watch.code).toBe(200);
  await offerGadgets(a);
  const provider = '/clusters/root:providers:gadgetry/apis';
  const labels = { 'ui.platform-mesh.io/content-for': 'gadgets' };
  const presented = {
    apiVersion: 'ui.platform-mesh.io/v1alpha1',
    kind: 'ProviderMetadata',
    metadata: { name: 'gadgets' },
    spec: { displayName: 'Gadgets' },
  };
  await b.expect('POST', `${provider}/ui.platform-mesh.io/v1alpha1/providermetadatas`, { body: presented });
  const patch = { body: { metadata: { labels } }, contentType: 'application/merge-patch+json' };
  await a.expect('PATCH', `${provider}/apis.kcp.io/v1alpha2/apiexports/gadgets.example.com`, patch);
  await watch.until('the offer is told', (events) => events.length > 0);
  watch.close();
  await bindGadgets(a, 'root:orgs:acme:shop');
  const gadgets = await b.call('GET', `${shop}/apis/gadgets.example.com/v1/namespaces/default/gadgets`);
  expect(gadgets.code).toBe(200);
  const { groups } = await b.get<{ groups: { name: string }[] }>(`${shop}/apis`);
  expect(groups.map(({ name }) => name)).toContain('gadgets.example.com');
});

test('an account that was deleted and ordered again at one process is the new one at the other', async () => {
  const parent = '/clusters/root:orgs:acme/apis/core.platform-mesh.io/v1alpha1/accounts';
  const inside = '/clusters/root:orgs:acme:brief/api/v1/namespaces/default/configmaps';
  await openAccount(a, { parent: 'root:orgs:acme', name: 'brief', type: 'account' });
  await b.expect('POST', inside, { body: map('left') });
  await a.expect('DELETE', `${parent}/brief`);
  await untilTrue('it is gone', async () => (await a.find(`${parent}/brief`)) === undefined);
  expect((await b.call('GET', inside)).code).toBe(404);
  await openAccount(a, { parent: 'root:orgs:acme', name: 'brief', type: 'account' });
  expect((await b.list(inside)).map(({ metadata }) => metadata.name)).toEqual(['kube-root-ca.crt']);
});

test('processes die and are added without a pause for those who ask the others', async () => {
  const answered: number[] = [];
  const going = new AbortController();
  const asking = (async () => {
    for (let serial = 0; !going.signal.aborted; serial++)
      answered.push((await b.call('POST', maps, { body: map(`on-${serial}`) })).code, (await b.call('GET', `${maps}/on-${serial}`)).code);
  })();
  const [first, , projector] = running;
  await killInMidst(first!, 'api');
  const third = await freePort();
  const bridge = new RoleProcess('bridge', { ...env, KAFKA_BROKERS: '127.0.0.1:1' });
  await Promise.all([killInMidst(projector!, 'projector'), api(third), start(bridge)]);
  const c = await clientOf(third);
  await start(new RoleProcess('projector', env));
  await openAccount(c, { parent: 'root:orgs:acme', name: 'later', type: 'account' });
  going.abort();
  await asking;
  expect(new Set(answered)).toEqual(new Set([200, 201]));
  expect((await c.list(maps)).map(({ metadata }) => metadata.name)).toEqual((await b.list(maps)).map(({ metadata }) => metadata.name));
  c.close();
});

const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const urlOf = (port: number): string => `https://127.0.0.1:${port}`;

async function start(role: RoleProcess): Promise<void> {
  running.push(role);
  await role.start();
}

const api = (port: number): Promise<void> => start(new RoleProcess('api', { ...env, TRIBUTARY_LISTEN: `127.0.0.1:${port}` }));

const access = () => until('there is a kubeconfig', () => readKubeconfig(join(folder, 'admin.kubeconfig')));

async function clientOf(port: number): Promise<TributaryClient> {
  return new TributaryClient({ ...(await access()), url: urlOf(port) });
}
