import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PolicyRule } from '#access';
import { prefix, startKubeServer, widgetsPath as widgets } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());
afterEach(() => server.workspaces.acme.grant({ clusterRoles: [], clusterRoleBindings: [], roles: [], roleBindings: [] }));

const ann = { authorization: 'Bearer ann-token-of-this-spec' };
const group = 'example.com';
const widget = (name: string) => JSON.stringify({ kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name }, spec: {} });

/** Grants ann rules in the namespace `default`. */
function grantAnn(...rules: PolicyRule[]): void {
  const metadata = { name: 'anns', namespace: 'default' };
  server.workspaces.acme.grant({
    roles: [{ metadata, rules }],
    roleBindings: [{ metadata, roleRef: { kind: 'Role', name: 'anns' }, subjects: [{ kind: 'User', name: 'ann' }] }],
  });
}
const grantAnnEverywhere = (...rules: PolicyRule[]): void =>
  server.workspaces.acme.grant({
    clusterRoles: [{ metadata: { name: 'anns' }, rules }],
    clusterRoleBindings: [
      { metadata: { name: 'anns' }, roleRef: { kind: 'ClusterRole', name: 'anns' }, subjects: [{ kind: 'User', name: 'ann' }] },
    ],
  });
const toWidgets = (...verbs: string[]): PolicyRule => ({ verbs, apiGroups: [group], resources: ['widgets'] });
const ask = (path: string, kind: string, spec: object, headers: Record<string, string | string[]> = {}) =>
  server.send(`${prefix}/apis/authorization.k8s.io/v1/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ kind, apiVersion: 'authorization.k8s.io/v1', spec }),
  });

describe('a rule', () => {
  it('opens what it names, and nothing else', async () => {
    grantAnn(toWidgets('create', 'get'));
    expect((await server.send(widgets, { method: 'POST', headers: ann, body: widget('of-ann') })).code).toBe(201);
    expect((await server.send(`${widgets}/of-ann`, { headers: ann })).code).toBe(200);
    for (const [method, path] of [
      ['DELETE', `${widgets}/of-ann`],
      ['GET', widgets],
      ['GET', `${widgets}/of-ann/status`],
      ['GET', `${prefix}/apis/example.com/v1/widgets`],
      ['GET', `${widgets.replace('/default/', '/other/')}/of-ann`],
    ] as const)
      expect((await server.send(path, { method, headers: ann })).code).toBe(403);
  });

  it('of one name opens a list and a watch that are narrowed to it', async () => {
    grantAnn({ ...toWidgets('list', 'watch'), resourceNames: ['of-ann'] });
    expect((await server.send(`${widgets}?fieldSelector=metadata.name%3Dof-ann`, { headers: ann })).code).toBe(200);
    expect((await server.send(`${widgets}?fieldSelector=metadata.name%3Dother`, { headers: ann })).code).toBe(403);
    expect((await server.send(widgets, { headers: ann })).code).toBe(403);
    const watch = await server.open(`${widgets}?watch=1&fieldSelector=metadata.name%3Dof-ann`, { headers: ann });
    expect(watch.statusCode).toBe(200);
    watch.destroy();
  });

  it('lets look around', async () => {
    expect((await server.send(`${prefix}/apis`, { headers: ann })).code).toBe(403);
    grantAnn(toWidgets('get'));
    for (const path of ['/api', '/apis', '/apis/example.com/v1', '/openapi/v3'])
      expect((await server.send(`${prefix}${path}`, { headers: ann })).code).toBe(200);
    expect((await server.send(`${prefix}/metrics`, { headers: ann })).code).toBe(403);
  });

  it('is about its workspace only', async () => {
    grantAnnEverywhere({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] });
    expect((await server.send(widgets, { headers: ann })).code).toBe(200);
    expect((await server.send(widgets.replace('acme', 'nope'), { headers: ann })).code).toBe(403);
    expect((await server.send('/apis', { headers: ann })).code).toBe(403);
  });
});

it('whoever may not enter hears the same in the same time, however long it took to look', async () => {
  const spent = async (path: string, delayMs: number) => {
    server.workspaces.delayMs = delayMs;
    const began = performance.now();
    const { text } = await server.send(path, { headers: ann });
    server.workspaces.delayMs = 0;
    return { text, ms: performance.now() - began };
  };
  const [there, notThere] = [await spent(widgets, 30), await spent(widgets.replace('acme', 'nope'), 0)];
  expect(there.text).toBe(notThere.text);
  for (const { ms } of [there, notThere]) expect(ms).toBeGreaterThan(48);
});

describe('a watch', () => {
  it('ends cleanly within a second of losing the right, and not before', async () => {
    grantAnn(toWidgets('watch'));
    const watch = await server.open(`${widgets}?watch=1&resourceVersion=${server.workspaces.acme.position()}`, { headers: ann });
    let text = '';
    watch.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    grantAnn(toWidgets('watch', 'get'));
    await server.send(widgets, { method: 'POST', body: widget('seen') });
    await vi.waitUntil(() => text.includes('"seen"'), { timeout: 5_000 });
    const ended = once(watch, 'end');
    const began = performance.now();
    grantAnn(toWidgets('get'));
    await server.send(widgets, { method: 'POST', body: widget('unseen') });
    await ended;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(watch.complete).toBe(true);
    expect(text).not.toContain('unseen');
    expect(server.workspaces.acme.watchers.size).toBe(0);
  });

  it('ends when the token is taken back, and not for the sake of others', async () => {
    let isTaken = false;
    const listeners = new Set<() => void>();
    const onChange = (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    server.credentials.credential = { holds: () => !isTaken, onChange };
    const watch = await server.open(`${widgets}?watch=1`);
    expect(watch.statusCode).toBe(200);
    const ended = once(watch.resume(), 'end');
    for (const listener of listeners) listener();
    expect((await server.send(`${widgets}/seen`)).code).toBe(200);
    expect(server.workspaces.acme.watchers.size).toBe(1);
    isTaken = true;
    for (const listener of listeners) listener();
    await ended;
    expect((await server.send(`${widgets}/seen`)).code).toBe(401);
    delete server.credentials.credential;
    expect(listeners.size).toBe(0);
  });

  it('of an administrator goes on', async () => {
    const watch = await server.open(`${widgets}?watch=1`);
    let ended = false;
    watch.once('end', () => (ended = true)).resume();
    grantAnn(toWidgets('get'));
    expect((await server.send(`${widgets}/seen`)).code).toBe(200);
    expect(ended).toBe(false);
    watch.destroy();
  });

  it('of somebody else ends when one may no longer act as them', async () => {
    grantAnnEverywhere(toWidgets('watch'), { verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['ann'] });
    const headers = { ...ann, 'Impersonate-User': 'ann' };
    const watch = await server.open(`${widgets}?watch=1`, { headers });
    expect(watch.statusCode).toBe(200);
    watch.resume();
    const ended = once(watch, 'end');
    grantAnnEverywhere(toWidgets('watch'));
    await ended;
  });
});

describe('impersonation', () => {
  it('makes an administrator somebody else, with their rights only', async () => {
    grantAnn(toWidgets('get'));
    const headers = { 'Impersonate-User': 'ann', 'Impersonate-Group': ['a,b', 'c'] };
    expect((await server.send(`${widgets}/seen`, { headers })).code).toBe(200);
    expect(await server.send(widgets, { headers })).toMatchObject({
      code: 403,
      json: { message: expect.stringContaining('User "ann" cannot list') as string },
    });
    const who = await server.send(`${prefix}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      method: 'POST',
      headers,
      body: '{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}',
    });
    expect(who.json).toMatchObject({ status: { userInfo: { username: 'ann', groups: ['a,b', 'c', 'system:authenticated'] } } });
  });

  it('is forbidden without the right to it, and never gives a group of the server', async () => {
    grantAnn(toWidgets('get'));
    expect(await server.send(`${widgets}/seen`, { headers: { ...ann, 'Impersonate-User': 'bob' } })).toMatchObject({
      code: 403,
      json: {
        message: 'users "bob" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope',
        details: { name: 'bob', kind: 'users' },
      },
    });
    const toMaster = { 'Impersonate-User': 'ann', 'Impersonate-Group': 'system:masters' };
    expect((await server.send(`${widgets}/seen`, { headers: toMaster })).code).toBe(403);
    expect((await server.send(`${widgets}/seen`, { headers: { 'Impersonate-Group': 'team' } })).code).toBe(400);
  });
});

describe('reviews', () => {
  const spec = { resourceAttributes: { verb: 'get', group, resource: 'widgets', namespace: 'default' } };
  const reason = 'RBAC: allowed by RoleBinding "anns/default" of Role "anns" to User "ann"';

  it('answer what a request would be answered, and why', async () => {
    grantAnn(toWidgets('get'));
    expect((await ask('selfsubjectaccessreviews', 'SelfSubjectAccessReview', spec, ann)).json['status']).toEqual({ allowed: true, reason });
    const asked = { ...spec, user: 'ann' };
    expect((await ask('subjectaccessreviews', 'SubjectAccessReview', asked)).json['status']).toEqual({ allowed: true, reason });
    expect((await ask('subjectaccessreviews', 'SubjectAccessReview', { ...asked, user: 'eve' })).json['status']).toEqual({
      allowed: false,
    });
    const local = 'namespaces/default/localsubjectaccessreviews';
    expect((await ask(local, 'LocalSubjectAccessReview', asked)).json['status']).toEqual({ allowed: true, reason });
    expect(await ask(local.replace('default', 'other'), 'LocalSubjectAccessReview', asked)).toMatchObject({
      code: 400,
      json: { message: 'spec.resourceAttributes.namespace must match namespace: other' },
    });
    expect(await ask('subjectaccessreviews', 'SubjectAccessReview', spec)).toMatchObject({ code: 422 });
  });

  it('give no reason to those who may do everything', async () => {
    const asked = { ...spec, groups: ['system:masters'] };
    expect((await ask('subjectaccessreviews', 'SubjectAccessReview', asked)).json['status']).toEqual({ allowed: true });
  });

  it('may name selectors, which must make sense and change nothing', async () => {
    grantAnn(toWidgets('get'));
    const asking = (selectors: object) =>
      ask('selfsubjectaccessreviews', 'SelfSubjectAccessReview', { resourceAttributes: { ...spec.resourceAttributes, ...selectors } }, ann);
    const requirements = [{ key: 'app', operator: 'In', values: ['web'] }];
    expect((await asking({ labelSelector: { requirements }, fieldSelector: { rawSelector: 'a=b' } })).json['status']).toEqual({
      allowed: true,
      reason,
    });
    const refused = async (selectors: object) => {
      const { causes } = (await asking(selectors)).json['details'] as { causes: readonly { field: string; message: string }[] };
      return causes.map(({ field, message }) => [field.replace('spec.resourceAttributes.', ''), message]);
    };
    const neither = 'when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required';
    expect(await refused({ fieldSelector: {}, labelSelector: { rawSelector: 'a', requirements } })).toEqual([
      ['fieldSelector.requirements', `Required value: ${neither}`],
      ['labelSelector.rawSelector', 'Invalid value: "a": may not specified at the same time as requirements'],
    ]);
    const wrong = [{ operator: 'In' }, { key: 'a', operator: 'Exists', values: ['b'] }];
    expect(await refused({ fieldSelector: { requirements: wrong } })).toEqual([
      ['fieldSelector.requirements[0].key', 'Required value: must be specified'],
      ['fieldSelector.requirements[0].values', "Required value: must be specified when `operator` is 'In' or 'NotIn'"],
      ['fieldSelector.requirements[1].values', "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
    ]);
    expect(await refused({ labelSelector: { requirements: [{ key: 'a b', operator: 'New', values: ['c d'] }] } })).toMatchObject([
      ['labelSelector.requirements[0].key', expect.stringMatching(/^Invalid value: "a b": name part must consist of/)],
      ['labelSelector.requirements[0].values[0]', expect.stringMatching(/^Invalid value: "c d": a valid label must be/)],
    ]);
  });

  it('must be about something', async () => {
    const cause =
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    for (const [resource, kind] of [
      ['selfsubjectaccessreviews', 'SelfSubjectAccessReview'],
      ['subjectaccessreviews', 'SubjectAccessReview'],
    ] as const)
      expect(await ask(resource, kind, { user: 'ann' })).toMatchObject({
        code: 422,
        json: {
          message: `${kind}.authorization.k8s.io "" is invalid: ${cause}`,
          details: { causes: [{ field: 'spec.resourceAttributes' }] },
        },
      });
  });

  it('of others need a right of their own', async () => {
    grantAnn(toWidgets('get'));
    expect((await ask('subjectaccessreviews', 'SubjectAccessReview', { ...spec, user: 'bob' }, ann)).code).toBe(403);
  });

  it('list all rules of a namespace', async () => {
    grantAnn({ ...toWidgets('get'), resourceNames: ['a'] });
    const rulesIn = async (namespace: string) =>
      (await ask('selfsubjectrulesreviews', 'SelfSubjectRulesReview', { namespace }, ann)).json['status'] as {
        readonly resourceRules: readonly unknown[];
      };
    const own = { verbs: ['get'], apiGroups: [group], resources: ['widgets'], resourceNames: ['a'] };
    expect((await rulesIn('default')).resourceRules).toContainEqual(own);
    expect((await rulesIn('other')).resourceRules).not.toContainEqual(own);
  });
});
