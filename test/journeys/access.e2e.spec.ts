import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { readKubeconfig, startTributary, type TributaryServer } from '../servers/tributary.ts';
import { TributaryClient } from '../servers/tributary-client.ts';
import { until } from '../servers/tributary-until.ts';

const run = promisify(execFile);
const tokens = { ann: 'ann-token-of-this-journey', bob: 'bob-token-of-this-journey' };
type Person = keyof typeof tokens | 'admin';

let folder: string;
let server: TributaryServer;
let kubectl: Kubectl;
const clients = new Map<Person, TributaryClient>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-journey-'));
  const tokenFile = join(folder, 'tokens.csv');
  await writeFile(
    tokenFile,
    Object.entries(tokens).reduce((text, [user, token]) => `${text}${token},${user},,\n`, ''),
  );
  [kubectl, server] = await Promise.all([testKubectl(), startTributary({ flags: ['--token-file', tokenFile] })]);
  const access = await readKubeconfig(server.kubeconfig);
  if (!access) throw new Error('there is no kubeconfig');
  await writeFile(join(folder, 'ca.crt'), access.ca);
  clients.set('admin', new TributaryClient({ ...access, url: server.url }));
  for (const user of ['ann', 'bob'] as const) clients.set(user, new TributaryClient({ ...access, url: server.url, token: tokens[user] }));
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const as = (person: Person): TributaryClient => {
  const client = clients.get(person);
  if (!client) throw new Error(`${person} has no client`);
  return client;
};

type Said = { readonly code: number; readonly out: string; readonly err: string };

/** What kubectl says to this person, in a workspace. `manifest` goes in by a file. */
async function say(person: Person, workspace: string, words: readonly string[], manifest?: string): Promise<Said> {
  const file = join(folder, 'manifest.yaml');
  if (manifest !== undefined) await writeFile(file, manifest);
  const who =
    person === 'admin'
      ? ['--kubeconfig', server.kubeconfig]
      : ['--kubeconfig', '/dev/null', '--certificate-authority', join(folder, 'ca.crt'), '--token', tokens[person]];
  const args = ['--server', `${server.url}/clusters/${workspace}`, ...who, ...words, ...(manifest === undefined ? [] : ['-f', file])];
  // Discovery that somebody else has cached would hide what this person is refused.
  const env = { PATH: process.env['PATH'], HOME: join(folder, person) };
  return run(kubectl.program, args, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (failure: { code: number; stdout: string; stderr: string }) => ({ code: failure.code, out: failure.stdout, err: failure.stderr }),
  );
}

const founders = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: organisation-founder }
rules: [{ apiGroups: [core.platform-mesh.io], resources: [accounts], verbs: [create] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: organisation-founders }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: organisation-founder }
subjects: [{ kind: User, name: ann }]
`;
const account = (name: string, type: 'org' | 'account'): string => `
apiVersion: core.platform-mesh.io/v1alpha1
kind: Account
metadata: { name: ${name} }
spec: { type: ${type} }
`;
const apiBinding = `
apiVersion: apis.kcp.io/v1alpha2
kind: APIBinding
metadata: { name: httpbin }
spec: { reference: { export: { path: 'root:providers:httpbin', name: orchestrate.platform-mesh.io } } }
`;
const httpBin = `
apiVersion: orchestrate.platform-mesh.io/v1alpha1
kind: HttpBin
metadata: { name: web, namespace: default }
spec: { region: eu-central }
`;
const granted = (role: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: bob, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role} }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: bob }]
`;
const shop = 'root:orgs:acme:shop';
const httpBins = `/clusters/${shop}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;

describe('a consumer who administers nothing', () => {
  test('founds an organisation once an administrator lets them', async () => {
    const refused = await as('ann').call('POST', '/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts', {
      body: { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name: 'acme' }, spec: { type: 'org' } },
    });
    expect(refused.code).toBe(403);
    expect(await say('admin', 'root:orgs', ['create'], founders)).toMatchObject({ code: 0 });
    expect(await say('ann', 'root:orgs', ['create'], account('acme', 'org'))).toMatchObject({
      code: 0,
      out: 'account.core.platform-mesh.io/acme created\n',
    });
    expect((await say('ann', 'root:orgs', ['get', 'accounts'])).err).toContain(
      'Error from server (Forbidden): accounts.core.platform-mesh.io is forbidden: User "ann" cannot list resource "accounts" in API group "core.platform-mesh.io" at the cluster scope',
    );
  });

  test('works in their own account as its owner', async () => {
    await until('the organisation is open', async () =>
      (await as('ann').call('GET', '/clusters/root:orgs:acme/api')).code === 200 ? true : undefined,
    );
    expect(await say('ann', 'root:orgs:acme', ['create'], account('shop', 'account'))).toMatchObject({ code: 0 });
    await until('the account is open', async () =>
      (await as('ann').call('GET', `/clusters/${shop}/api`)).code === 200 ? true : undefined,
    );
    expect(await say('ann', shop, ['create'], apiBinding)).toMatchObject({ code: 0 });
    await until('the service is served', async () => ((await as('ann').call('GET', httpBins)).code === 200 ? true : undefined));
    expect(await say('ann', shop, ['apply'], httpBin)).toMatchObject({ code: 0 });
    expect((await say('ann', shop, ['wait', 'httpbins/web', '--for=condition=Ready', '--timeout=60s'])).code).toBe(0);
    const owners = await say('ann', shop, ['get', 'clusterrolebindings', '-o', 'wide', '--no-headers']);
    expect(owners.out).toMatch(/^tributary:owners\s+ClusterRole\/cluster-admin\s+\S+\s+ann\s*$/);
  });

  test('is refused elsewhere, in the same words whether it exists or not', async () => {
    const path = (workspace: string): string => `/clusters/${workspace}/api/v1/namespaces`;
    const answers = await Promise.all(['root:providers', 'root', 'root:nope', 'nope'].map((at) => as('ann').call('GET', path(at))));
    expect(new Set(answers.map(({ code, text }) => `${code} ${text}`)).size).toBe(1);
    expect(answers[0]?.code).toBe(403);
    expect((await as('bob').call('GET', httpBins)).code).toBe(403);
  });
});

describe('somebody else', () => {
  test('may do what the owner grants, and not more', async () => {
    expect(await say('ann', shop, ['create'], granted('edit'))).toMatchObject({ code: 0 });
    expect((await say('bob', shop, ['get', 'httpbins', '-o', 'name'])).out).toBe('httpbin.orchestrate.platform-mesh.io/web\n');
    expect((await say('bob', shop, ['create'], granted('admin').replace('name: bob,', 'name: more,'))).err).toContain(
      'rolebindings.rbac.authorization.k8s.io is forbidden: User "bob" cannot create resource "rolebindings"',
    );
    expect((await say('ann', shop, ['replace'], granted('admin'))).err).toContain('cannot change roleRef');
  });

  test('is told the same by a review', async () => {
    const review = await as('bob').expect<{ readonly status: object }>(
      'POST',
      `/clusters/${shop}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`,
      {
        body: {
          kind: 'SelfSubjectAccessReview',
          apiVersion: 'authorization.k8s.io/v1',
          spec: {
            resourceAttributes: { verb: 'list', group: 'orchestrate.platform-mesh.io', resource: 'httpbins', namespace: 'default' },
          },
        },
      },
    );
    expect(review.status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "bob/default" of ClusterRole "edit" to User "bob"',
    });
  });

  test('is who the owner may act as, within the account', async () => {
    expect((await say('ann', shop, ['get', 'httpbins', '--as', 'bob'])).code).toBe(0);
    expect((await say('ann', shop, ['get', 'apibindings', '--as', 'bob'])).err).toContain('User "bob" cannot list resource "apibindings"');
    expect((await say('bob', shop, ['get', 'httpbins', '--as', 'ann'])).err).toContain(
      'users "ann" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    expect((await say('ann', shop, ['get', 'httpbins', '--as', 'x', '--as-group', 'system:masters'])).err).toContain('is forbidden');
  });

  test('loses the watch within a second of losing the right', async () => {
    const { metadata } = await as('bob').get<{ metadata: { resourceVersion: string } }>(httpBins);
    const watch = as('bob').watch(httpBins, metadata.resourceVersion);
    expect(await watch.code).toBe(200);
    const patch = { contentType: 'application/merge-patch+json', body: { metadata: { labels: { seen: 'yes' } } } };
    await as('ann').expect('PATCH', `${httpBins}/web`, patch);
    await watch.until('the change', (events) => events.length > 0);
    const rolebinding = `/clusters/${shop}/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/bob`;
    const began = performance.now();
    await as('ann').expect('DELETE', rolebinding);
    await watch.ended;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect((await as('bob').call('GET', httpBins)).code).toBe(403);
  });
});
