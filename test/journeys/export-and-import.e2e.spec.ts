import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindDemo, openWorkspace } from '../servers/tributary-workspace.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

const project = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

let server: TributaryServer;
beforeAll(async () => {
  server = await startTributary();
});
afterAll(() => server.remove());

async function tributary(...words: readonly string[]): Promise<Outcome> {
  const program = [join(project, 'apps/tributary/src/main.ts'), ...words, '--data', server.folder];
  const env = { PATH: `${join(project, 'node_modules/.bin')}:${process.env['PATH']}` };
  return run(join(project, 'node_modules/.bin/node'), program, { env, maxBuffer: 1 << 26 }).then(
    (output) => ({ code: 0, ...output }),
    (failure: Outcome) => failure,
  );
}

const gadgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.x.io' },
  spec: {
    group: 'x.io',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer', format: 'int64' }, pin: { type: 'string', format: 'password' } },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};

/** A workspace with a bit of everything, some of it owned by what comes behind it in an export. */
async function furnish(path: string): Promise<void> {
  const { client } = server;
  const create = (collection: string, body: object) => client.expect('POST', `${path}${collection}`, { body });
  const core = (resource: string, namespace = 'team') => `/api/v1/namespaces/${namespace}/${resource}`;
  await bindDemo(server, path);
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', gadgets);
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels: { of: 'us' } } });
  const gadget = {
    apiVersion: 'x.io/v1',
    kind: 'Gadget',
    metadata: { name: 'g', finalizers: ['x.io/hold'] },
    spec: { size: 2 ** 53, pin: 'planted' },
  };
  const body = JSON.stringify(gadget).replace('9007199254740992', '9007199254740993');
  const owner = await client.expect('POST', `${path}/apis/x.io/v1/namespaces/team/gadgets`, { body });
  await client.expect('PATCH', `${path}/apis/x.io/v1/namespaces/team/gadgets/g/status`, {
    body: { status: { phase: 'Turning' } },
    contentType: 'application/merge-patch+json',
  });
  const ownerReferences = [{ apiVersion: 'x.io/v1', kind: 'Gadget', name: 'g', uid: owner.metadata.uid, controller: true }];
  await create(core('configmaps'), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owned', ownerReferences },
    data: { text: '---\nyes\n' },
  });
  await create(core('configmaps', 'default'), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'plain', annotations: { a: 'b' } },
  });
  await create(core('secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { key: 'planted' } });
  const bin = {
    apiVersion: 'orchestrate.platform-mesh.io/v1alpha1',
    kind: 'HttpBin',
    metadata: { name: 'bin' },
    spec: { region: 'eu-west' },
  };
  await create('/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins', bin);
}

/** The documents of an export, without the line that names the workspace and its position. */
const documents = async (file: string): Promise<string> => (await readFile(file, 'utf8')).replace(/^# The workspace.*\n/, '');

test('what one account holds is created in another, and exported from there it is the same', async () => {
  const [from, into] = [await openWorkspace(server, 'from'), await openWorkspace(server, 'into')];
  await furnish(from);
  const [first, second] = [join(server.folder, 'first.yaml'), join(server.folder, 'second.yaml')];
  expect(await tributary('export', 'root:orgs:from', '--secrets', '--file', first)).toMatchObject({ code: 0, stderr: '' });
  expect(await documents(first)).not.toMatch(
    /^( {2}(uid|resourceVersion|managedFields|creationTimestamp|generation|ownerReferences)|status):/m,
  );

  const order = ['import', first, '--into', 'root:orgs:into'];
  expect(await tributary(...order, '--dry-run')).toMatchObject({ code: 0, stdout: expect.stringContaining('refused 0') });
  expect(await server.client.list(`${into}/api/v1/configmaps`)).not.toContainEqual(
    expect.objectContaining({ metadata: { name: 'owned' } }),
  );
  const imported = await tributary(...order);
  expect(imported).toMatchObject({ code: 0, stdout: 'Created 8, completed 0, left 0 as they were, refused 0\n' });
  expect(await tributary(...order)).toMatchObject({ code: 0, stdout: 'Created 0, completed 0, left 8 as they were, refused 0\n' });

  const [gadget, owned] = [
    await server.client.get(`${into}/apis/x.io/v1/namespaces/team/gadgets/g`),
    await server.client.get(`${into}/api/v1/namespaces/team/configmaps/owned`),
  ];
  expect(owned.metadata).toMatchObject({ ownerReferences: [{ name: 'g', uid: gadget.metadata.uid, controller: true }] });
  await untilTrue('the provider serves the imported one', async () => {
    const { status } = await server.client.get(`${into}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins/bin`);
    return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  });
  expect(await tributary('export', 'root:orgs:into', '--secrets', '--file', second)).toMatchObject({ code: 0 });
  expect(await documents(second)).toBe(await documents(first));
});

test('secrets are left out unless asked for, status comes back where it is exported, and what differs is refused', async () => {
  const into = await openWorkspace(server, 'other');
  const file = join(server.folder, 'plain.json');
  const { stderr } = await tributary('export', 'root:orgs:from', '--status', '--output', 'json', '--file', file);
  expect(stderr).toContain('left out: Secret team/keys, it is secret');
  expect(stderr).toContain('left out: spec.pin of Gadget team/g, it is secret');
  expect(await readFile(file, 'utf8')).not.toMatch(/planted|cGxhbnRlZA/);
  const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'plain' }, data: { mine: 'stays' } };
  await server.client.expect('POST', `${into}/api/v1/namespaces/default/configmaps`, { body: held });
  const { code, stdout } = await tributary('import', file, '--into', 'root:orgs:other');
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: [
      'refused: ConfigMap default/plain in root:orgs:other: it is there already, and differs at .metadata.annotations.a',
      'Created 6, completed 0, left 0 as they were, refused 1',
      '',
    ].join('\n'),
  });
  expect(await server.client.get(`${into}/apis/x.io/v1/namespaces/team/gadgets/g`)).toMatchObject({ status: { phase: 'Turning' } });
});

test('accounts below come along where asked for', async () => {
  const accounts = '/clusters/root:orgs:from/apis/core.platform-mesh.io/v1alpha1/accounts';
  const body = { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name: 'child' }, spec: { type: 'account' } };
  await server.client.expect('POST', accounts, { body });
  const child = '/clusters/root:orgs:from:child';
  await untilTrue('the child is open', async () => (await server.client.call('GET', `${child}/api`)).code === 200);
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'below' }, data: { a: 'b' } };
  await server.client.expect('POST', `${child}/api/v1/namespaces/default/configmaps`, { body: map });
  const alone = await tributary('export', 'root:orgs:from');
  expect(alone.stdout).toContain('# left out: Account child, it has a workspace of its own');
  await openWorkspace(server, 'family');
  const folder = join(server.folder, 'family');
  expect(await tributary('export', 'root:orgs:from', '--recursive', '--file', folder)).toMatchObject({ code: 0 });
  expect(await tributary('import', folder, '--into', 'root:orgs:family')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('refused 0'),
  });
  const found = await server.client.get('/clusters/root:orgs:family:child/api/v1/namespaces/default/configmaps/below');
  expect(found).toMatchObject({ data: { a: 'b' } });
});
