import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject, KubeObject } from '#kube';
import { streamOf } from '#account';
import { clusterNameOf, House, type Author } from '#workspace';
import { aHouse, eventually, WorkspaceUnderTest } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
beforeEach(async () => void (mesh = await aHouse()));
afterEach(() => mesh.stop());

const author = (user: string, ...groups: string[]): Author => ({
  user,
  groups: [...groups, 'system:authenticated'],
  userAgent: 'spec/1',
  fieldManager: 'spec',
  cause: 'spec',
});
/** Why a user may do this to bindings, or undefined. */
const may = ({ workspace }: WorkspaceUnderTest, user: string, verb = 'delete') =>
  workspace
    .access()
    .grants(
      { user, groups: ['system:authenticated'], uid: '', extra: {} },
      { verb, group: 'apis.kcp.io', resource: 'apibindings', namespace: '', name: '' },
    );
const rbac = 'rbac.authorization.k8s.io';

type Content = { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly [field: string]: unknown };
const write = ({ workspace }: WorkspaceUnderTest, resource: string, content: Content, by: Author) => {
  const served = workspace.served().find((known) => known.resource === resource);
  if (!served) throw new Error(`${resource} is not served`);
  const version = served.storageVersion;
  return workspace.create({
    kind: served,
    version,
    namespace: content.metadata.namespace ?? '',
    author: by,
    dryRun: false,
    fieldValidation: 'Strict',
    body: { apiVersion: served.group === '' ? version : `${served.group}/${version}`, kind: served.kind, ...content } as never,
    duplicateFields: [],
  });
};
const account = (name: string, type: 'org' | 'account') => ({ metadata: { name }, spec: { type } });
const binding = (name: string, role: string, ...users: string[]) => ({
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: users.map((user) => ({ kind: 'User', name: user })),
});
const role = (name: string, ...rules: JsonObject[]) => ({ metadata: { name }, rules });

/** Who is written down for the newest event of a workspace. */
async function lastAuthor({ workspace }: WorkspaceUnderTest): Promise<unknown> {
  const authors: unknown[] = [];
  for await (const { data } of mesh.log.readStream(streamOf(workspace.cluster), 0n)) {
    const { type, by } = JSON.parse(data) as { readonly type: string; readonly by: unknown };
    if (type === 'ResourceDeclared') authors.push(by);
  }
  return authors.at(-1);
}

/** An organisation that ann has ordered, and an account in it that bob has. */
async function acmeAndShop() {
  const orgs = await mesh.at('root:orgs');
  await write(orgs, 'accounts', account('acme', 'org'), author('ann'));
  const acme = await mesh.at('root:orgs:acme');
  await write(acme, 'accounts', account('shop', 'account'), author('bob'));
  return { orgs, acme, shop: await mesh.at('root:orgs:acme:shop') };
}

describe('who ordered an account', () => {
  test('owns its workspace, and those below', async () => {
    const { orgs, acme, shop } = await acmeAndShop();
    const reason = 'RBAC: allowed by ClusterRoleBinding "tributary:owners" of ClusterRole "cluster-admin" to User "ann"';
    expect(may(acme, 'ann')).toBe(reason);
    expect(may(shop, 'ann')).toBeDefined();
    expect(may(shop, 'bob')).toBeDefined();
    expect(may(acme, 'bob')).toBeUndefined();
    for (const user of ['ann', 'bob', 'system:tributary']) expect(may(orgs, user)).toBeUndefined();
  });

  test('stands there as a binding that can be read, and not changed', async () => {
    const { shop } = await acmeAndShop();
    expect(await shop.get('clusterrolebindings', 'tributary:owners')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [
        { kind: 'User', name: 'bob' },
        { kind: 'User', name: 'ann' },
      ],
    });
    const readOnly = { type: 'refused', refusal: { type: 'ObjectGiven' } };
    expect(await shop.patch('clusterrolebindings', 'tributary:owners', { subjects: [] })).toMatchObject(readOnly);
    expect(await shop.delete('clusterrolebindings', 'tributary:owners')).toMatchObject(readOnly);
    expect(await write(shop, 'clusterroles', role('view'), author('ann'))).toMatchObject({ refusal: { type: 'ResourceExists' } });
    expect(await write(shop, 'clusterroles', role('tributary:x'), author('ann'))).toMatchObject({ refusal: { type: 'ActionForbidden' } });
  });

  test('owns it after a restart too, and wherever it is looked for by its cluster name', async () => {
    const { acme } = await acmeAndShop();
    const uid = (await (await mesh.at('root:orgs')).get('accounts', 'acme'))?.metadata.uid ?? '';
    await mesh.stop();
    mesh = await aHouse(mesh.log);
    const again = await mesh.at(clusterNameOf(uid));
    expect(again.workspace.path).toBe(acme.workspace.path);
    expect(may(again, 'ann')).toBeDefined();
  });
});

describe('the roles that every workspace has', () => {
  test('are listed among the others, and show what they gather', async () => {
    const { acme } = await acmeAndShop();
    await write(acme, 'clusterroles', role('more'), author('ann'));
    const kind = acme.kind('clusterroles');
    const listed = await acme.workspace.list({ kind, version: 'v1', namespace: '' });
    expect(listed.type === 'listed' && listed.items.map(({ name }) => name)).toEqual([
      'admin',
      'cluster-admin',
      'edit',
      'more',
      'system:aggregate-to-admin',
      'system:aggregate-to-edit',
      'system:aggregate-to-view',
      'view',
    ]);
    const view = await acme.get('clusterroles', 'view');
    expect(view?.['rules']).toContainEqual({ verbs: ['get', 'list', 'watch'], apiGroups: ['apis.kcp.io'], resources: ['apibindings'] });
  });
});

describe('what is granted in workspaces of the same owners', () => {
  test('is one and the same, until one of them has roles or bindings of its own', async () => {
    const { acme, shop } = await acmeAndShop();
    await write(acme, 'accounts', account('till', 'account'), author('bob'));
    await write(acme, 'accounts', account('hall', 'account'), author('ann'));
    const [till, hall] = [await mesh.at('root:orgs:acme:till'), await mesh.at('root:orgs:acme:hall')];
    expect(till.workspace.access()).toBe(shop.workspace.access());
    expect(may(hall, 'bob')).toBeUndefined();
    await write(till, 'clusterrolebindings', binding('eves', 'cluster-admin', 'eve'), author('bob'));
    expect([may(till, 'eve') !== undefined, may(shop, 'eve')]).toEqual([true, undefined]);
    const uids = await Promise.all([shop, hall].map(async (found) => (await found.get('clusterroles', 'view'))?.metadata.uid));
    expect(new Set(uids).size).toBe(2);
  });
});

describe('a role that gathers others', () => {
  const labelled = (name: string, team: string, verb: string) => ({
    ...role(name, { verbs: [verb], apiGroups: [''], resources: ['configmaps'] }),
    metadata: { name, labels: { team } },
  });
  const verbsOf = (found: KubeObject | undefined) => ((found?.['rules'] ?? []) as unknown as JsonObject[]).map(({ verbs }) => verbs);

  test('shows what it gathers, as roles come, are relabelled and go', async () => {
    const { acme } = await acmeAndShop();
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { team: 'a' } }] };
    await write(acme, 'clusterroles', { metadata: { name: 'team' }, aggregationRule }, author('ann', 'system:masters'));
    const shows = (...verbs: string[]) =>
      eventually(async () => {
        const found = verbsOf(await acme.get('clusterroles', 'team'));
        return JSON.stringify(found) === JSON.stringify(verbs.map((verb) => [verb])) ? true : undefined;
      });
    await write(acme, 'clusterroles', labelled('gets', 'a', 'get'), author('ann', 'system:masters'));
    await shows('get');
    await write(acme, 'clusterroles', labelled('lists', 'b', 'list'), author('ann', 'system:masters'));
    await acme.patch('clusterroles', 'lists', { metadata: { labels: { team: 'a' } } });
    await shows('get', 'list');
    await acme.delete('clusterroles', 'gets');
    await shows('list');
  });
});

describe('a change of roles or bindings', () => {
  test('counts at once, and is told to whoever follows', async () => {
    const { acme } = await acmeAndShop();
    let told = 0;
    const unfollow = acme.workspace.onAccessChange(() => (told += 1));
    const before = acme.workspace.access();
    await write(acme, 'accounts', account('other', 'account'), author('ann'));
    expect(acme.workspace.access()).toBe(before);
    expect(told).toBe(0);
    expect(may(acme, 'vic', 'list')).toBeUndefined();
    await write(acme, 'clusterrolebindings', binding('vics', 'view', 'vic'), author('ann'));
    expect(told).toBe(1);
    expect(may(acme, 'vic', 'list')).toBe('RBAC: allowed by ClusterRoleBinding "vics" of ClusterRole "view" to User "vic"');
    await acme.delete('clusterrolebindings', 'vics');
    expect(told).toBe(2);
    expect(may(acme, 'vic', 'list')).toBeUndefined();
    unfollow();
  });

  test('made by another process is told too', async () => {
    const { acme } = await acmeAndShop();
    await write(acme, 'clusterrolebindings', binding('vics', 'view', 'vic'), author('ann'));
    const options = { log: mesh.log, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] };
    const [here, there] = [new House(options), new House(options)];
    const [seen, changed] = await Promise.all([here, there].map((house) => eventually(() => house.open('root:orgs:acme'))));
    if (!seen || !changed) throw new Error('both have it open');
    expect(may(new WorkspaceUnderTest(seen), 'vic', 'list')).toBeDefined();
    const told = new Promise<void>((resolve) => void seen.onAccessChange(resolve));
    const began = performance.now();
    await new WorkspaceUnderTest(changed).delete('clusterrolebindings', 'vics');
    await told;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(may(new WorkspaceUnderTest(seen), 'vic', 'list')).toBeUndefined();
    await Promise.all([here.close(), there.close()]);
  });

  test('may not hand out more than its author holds', async () => {
    const { acme } = await acmeAndShop();
    await write(acme, 'clusterrolebindings', binding('vics', 'view', 'vic'), author('ann'));
    expect(
      await write(acme, 'clusterroles', role('all', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }), author('vic')),
    ).toMatchObject({
      refusal: {
        type: 'ActionForbidden',
        message: `user "vic" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
      },
    });
    expect(await write(acme, 'clusterrolebindings', binding('more', 'edit', 'vic'), author('vic'))).toMatchObject({ type: 'refused' });
    expect(await write(acme, 'clusterrolebindings', binding('none', 'nope', 'vic'), author('vic'))).toMatchObject({
      refusal: { type: 'ResourceUnknown', key: { resource: 'clusterroles', name: 'nope' } },
    });
    expect(await write(acme, 'clusterrolebindings', binding('same', 'view', 'eve'), author('vic'))).toMatchObject({ type: 'committed' });
  });

  test('is checked as upstream checks it', async () => {
    const { acme } = await acmeAndShop();
    const causesOf = async (resource: string, content: Content) => {
      const outcome = await write(acme, resource, content, author('ann'));
      if (outcome.type === 'committed' || outcome.refusal.type !== 'ObjectInvalid') return outcome;
      return outcome.refusal.causes.map(({ field, message }) => `${field}: ${message}`);
    };
    expect(await causesOf('clusterroles', role('a', { verbs: ['get'] }))).toEqual([
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ]);
    expect(
      await causesOf('clusterrolebindings', { ...binding('a', 'view'), roleRef: { apiGroup: rbac, kind: 'Role', name: 'x' } }),
    ).toEqual(['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']);
    // Go's clients write null for an empty list.
    expect(await write(acme, 'clusterroles', { ...role('empty'), rules: null, aggregationRule: null }, author('ann'))).toMatchObject({
      type: 'committed',
    });
    expect(await write(acme, 'clusterrolebindings', { ...binding('empty', 'empty'), subjects: null }, author('ann'))).toMatchObject({
      type: 'committed',
    });
    expect(may(acme, 'vic')).toBeUndefined();
    await write(acme, 'clusterrolebindings', binding('vics', 'view', 'vic'), author('ann'));
    expect(await acme.get('clusterrolebindings', 'vics')).toMatchObject({ subjects: [{ apiGroup: rbac, kind: 'User', name: 'vic' }] });
    await acme.patch('clusterrolebindings', 'vics', { subjects: [{ kind: 'Group', name: 'vics' }] });
    expect(await acme.get('clusterrolebindings', 'vics')).toMatchObject({ subjects: [{ apiGroup: rbac, kind: 'Group', name: 'vics' }] });
    expect(await acme.patch('clusterrolebindings', 'vics', { roleRef: { name: 'edit' } })).toMatchObject({
      refusal: {
        type: 'ObjectInvalid',
        causes: [{ field: 'roleRef', message: expect.stringMatching(/^Invalid value: \{.*\}: cannot change roleRef$/) as string }],
      },
    });
  });
});

describe('binding an export', () => {
  const bound = { metadata: { name: 'b' }, spec: { reference: { export: { path: 'root:providers', name: 'example.com' } } } };
  const forbidden = {
    type: 'refused',
    refusal: {
      type: 'ActionForbidden',
      message: 'unable to create APIBinding: no permission to bind to export root:providers:example.com',
    },
  };

  test('is asked where the export is, with one answer for missing and forbidden', async () => {
    const { acme } = await acmeAndShop();
    expect(await write(acme, 'apibindings', bound, author('ann'))).toMatchObject(forbidden);
    const providers = await mesh.at('root:providers');
    await providers.create('apiexports', { metadata: { name: 'example.com' }, spec: {} });
    expect(await write(acme, 'apibindings', bound, author('ann'))).toMatchObject(forbidden);
    const rule = { verbs: ['bind'], apiGroups: ['apis.kcp.io'], resources: ['apiexports'], resourceNames: ['example.com'] };
    const admin = author('admin', 'system:masters');
    await write(providers, 'clusterroles', role('bind', rule), admin);
    await write(providers, 'clusterrolebindings', binding('ann', 'bind', 'ann'), admin);
    // Who acts as ann in a workspace of their own has not become ann elsewhere.
    const posing = { ...author('ann'), impersonator: { user: 'bob', groups: ['system:authenticated'] } };
    expect(await write(acme, 'apibindings', bound, posing)).toMatchObject(forbidden);
    await write(acme, 'accounts', account('posed', 'account'), posing);
    expect(await lastAuthor(acme)).toMatchObject({ user: 'ann', impersonator: 'bob' });
    expect(await write(acme, 'apibindings', bound, author('ann'))).toMatchObject({ type: 'committed' });
  });
});
