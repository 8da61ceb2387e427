import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineGadgets } from './define-gadgets.ts';
import { EventReader } from './event-reader.ts';
import { startGraphqlServer, type GraphqlAnswer } from './graphql-server.ts';

// Every resolver refuses as the same request over REST is refused, in the same words; and allows what that allows.

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const rbac = '/apis/rbac.authorization.k8s.io/v1';

const core = (resources: string[], verbs: string[], more: object = {}) => ({ apiGroups: [''], resources, verbs, ...more });
const gadgets = (resources: string[], verbs: string[]) => ({ apiGroups: ['x.io'], resources, verbs });

/** What each may do, and where: '' is everywhere. */
const people: Readonly<Record<string, { readonly namespace: string; readonly rules: readonly object[] }>> = {
  reader: { namespace: 'default', rules: [core(['configmaps'], ['get', 'list', 'watch'])] },
  writer: { namespace: 'default', rules: [core(['configmaps'], ['create', 'update', 'patch', 'delete'])] },
  creator: { namespace: 'default', rules: [core(['configmaps'], ['create'])] },
  patcher: { namespace: 'default', rules: [core(['configmaps'], ['patch'])] },
  everywhere: { namespace: '', rules: [core(['configmaps', 'namespaces'], ['get', 'list', 'watch'])] },
  'one-name': { namespace: 'default', rules: [core(['configmaps'], ['get', 'list', 'watch', 'delete'], { resourceNames: ['one'] })] },
  elsewhere: { namespace: 'other', rules: [core(['configmaps'], ['*'])] },
  'status-only': { namespace: 'default', rules: [gadgets(['gadgets/status'], ['patch', 'update'])] },
  'spec-only': { namespace: 'default', rules: [gadgets(['gadgets'], ['*'])] },
  boss: { namespace: '', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  // Comes in, and may do nothing that is asked here.
  guest: { namespace: 'default', rules: [core(['resourcequotas'], ['get'])] },
};

const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const at = (namespace: string, more = '') => `/api/v1/namespaces/${namespace}/configmaps${more}`;
const merge = { 'content-type': 'application/merge-patch+json' };
const apply = { 'content-type': 'application/apply-patch+yaml' };

type Case = {
  readonly graphql: string;
  readonly rest: readonly [method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>];
};
const inCore = (field: string) => `{ v1 { ${field} } }`;
const ofMaps = (namespace: string): Readonly<Record<string, Case>> => ({
  [`get in ${namespace}`]: {
    graphql: inCore(`ConfigMap(namespace: "${namespace}", name: "one") { kind }`),
    rest: ['GET', at(namespace, '/one')],
  },
  [`yaml in ${namespace}`]: {
    graphql: inCore(`ConfigMapYaml(namespace: "${namespace}", name: "one")`),
    rest: ['GET', at(namespace, '/one')],
  },
  [`list in ${namespace}`]: { graphql: inCore(`ConfigMaps(namespace: "${namespace}") { resourceVersion }`), rest: ['GET', at(namespace)] },
  [`list of one name in ${namespace}`]: {
    graphql: inCore(`ConfigMaps(namespace: "${namespace}", fieldselector: "metadata.name=one") { resourceVersion }`),
    rest: ['GET', at(namespace, '?fieldSelector=metadata.name%3Done')],
  },
  [`table in ${namespace}`]: {
    graphql: `{ tableRows(resource: "configmaps", namespace: "${namespace}") { total } }`,
    rest: ['GET', at(namespace)],
  },
  [`history in ${namespace}`]: {
    graphql: `{ history(resource: "configmaps", namespace: "${namespace}", name: "one") { at } }`,
    rest: ['GET', at(namespace, '/one')],
  },
  [`past in ${namespace}`]: {
    graphql: inCore(`ConfigMaps(namespace: "${namespace}", at: { resourceVersion: "1" }) { resourceVersion }`),
    rest: ['GET', at(namespace)],
  },
  [`create in ${namespace}`]: {
    graphql: `mutation ${inCore(`createConfigMap(namespace: "${namespace}", dryRun: true, object: { metadata: { name: "two" } }) { kind }`)}`,
    rest: ['POST', at(namespace, '?dryRun=All'), map('two')],
  },
  [`update in ${namespace}`]: {
    graphql: `mutation ${inCore(`updateConfigMap(namespace: "${namespace}", name: "one", dryRun: true, object: { data: { a: "b" } }) { kind }`)}`,
    rest: ['PATCH', at(namespace, '/one?dryRun=All'), { data: { a: 'b' } }, merge],
  },
  [`apply in ${namespace}`]: {
    graphql: `mutation ${inCore(`applyConfigMap(namespace: "${namespace}", dryRun: true, fieldManager: "m", object: { metadata: { name: "one" } }) { kind }`)}`,
    rest: ['PATCH', at(namespace, '/one?dryRun=All&fieldManager=m'), map('one'), apply],
  },
  [`apply what is not there in ${namespace}`]: {
    graphql: `mutation ${inCore(`applyConfigMap(namespace: "${namespace}", dryRun: true, fieldManager: "m", object: { metadata: { name: "new" } }) { kind }`)}`,
    rest: ['PATCH', at(namespace, '/new?dryRun=All&fieldManager=m'), map('new'), apply],
  },
  [`apply a document in ${namespace}`]: {
    graphql: `mutation { applyYaml(dryRun: true, fieldManager: "m", yaml: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: one, namespace: ${namespace}}") }`,
    rest: ['PATCH', at(namespace, '/one?dryRun=All&fieldManager=m&force=true'), map('one'), apply],
  },
  [`delete in ${namespace}`]: {
    graphql: `mutation ${inCore(`deleteConfigMap(namespace: "${namespace}", name: "one", dryRun: true)`)}`,
    rest: ['DELETE', at(namespace, '/one?dryRun=All')],
  },
});

const cases: Readonly<Record<string, Case>> = {
  ...ofMaps('default'),
  ...ofMaps('other'),
  'list in all namespaces': { graphql: inCore('ConfigMaps { resourceVersion }'), rest: ['GET', '/api/v1/configmaps'] },
  'get a namespace': { graphql: inCore('Namespace(name: "default") { kind }'), rest: ['GET', '/api/v1/namespaces/default'] },
  'list namespaces': { graphql: inCore('Namespaces { resourceVersion }'), rest: ['GET', '/api/v1/namespaces'] },
  'get a secret': {
    graphql: inCore('Secret(namespace: "default", name: "none") { kind }'),
    rest: ['GET', '/api/v1/namespaces/default/secrets/none'],
  },
  'update a status': {
    graphql:
      'mutation { x_io { v1 { updateGadgetStatus(namespace: "default", name: "g", dryRun: true, object: { status: { phase: "x" } }) { kind } } } }',
    rest: ['PATCH', '/apis/x.io/v1/namespaces/default/gadgets/g/status?dryRun=All', { status: { phase: 'x' } }, merge],
  },
  'update a spec': {
    graphql:
      'mutation { x_io { v1 { updateGadget(namespace: "default", name: "g", dryRun: true, object: { spec: { size: 2 } }) { kind } } } }',
    rest: ['PATCH', '/apis/x.io/v1/namespaces/default/gadgets/g?dryRun=All', { spec: { size: 2 } }, merge],
  },
};

beforeAll(async () => {
  server = await startGraphqlServer();
  await server.rest('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  for (const namespace of ['default', 'other']) await server.rest('POST', at(namespace), map('one'));
  await defineGadgets(server, {
    spec: { type: 'object', properties: { size: { type: 'integer' } } },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  });
  await server.rest('POST', '/apis/x.io/v1/namespaces/default/gadgets', {
    apiVersion: 'x.io/v1',
    kind: 'Gadget',
    metadata: { name: 'g' },
    spec: { size: 1 },
  });
  for (const [name, { namespace, rules }] of Object.entries(people)) {
    const [role, folder] = namespace === '' ? ['ClusterRole', rbac] : ['Role', `${rbac}/namespaces/${namespace}`];
    const metadata = { name };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await server.rest('POST', `${folder}/${role.toLowerCase()}s`, { apiVersion, kind: role, metadata, rules });
    await server.rest('POST', `${folder}/${role.toLowerCase()}bindings`, {
      apiVersion,
      kind: `${role}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role, name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    });
  }
});
afterAll(() => server?.stop());

const as = (user: string) => ({ 'impersonate-user': user });

/** `allowed`, or the words of the refusal. */
async function overGraphql(user: string, query: string): Promise<string> {
  const { errors = [] } = JSON.parse(await (await server.post({ query }, as(user))).text()) as Partial<GraphqlAnswer>;
  const forbidden = errors.find(({ extensions }) => extensions?.status?.code === 403);
  const strange = errors.find(({ extensions }) => extensions === undefined);
  if (strange) throw new Error(`${query}: ${strange.message}`);
  return forbidden === undefined ? 'allowed' : forbidden.message;
}

async function overRest(user: string, [method, path, body, headers]: Case['rest']): Promise<string> {
  const { code, text } = await server.call(method, path, { ...(body ? { body } : {}), headers: { ...headers, ...as(user) } });
  return code === 403 ? (JSON.parse(text) as { message: string }).message : 'allowed';
}

describe.each(Object.keys(people))('what %s may do', (user) => {
  it.each(Object.keys(cases))('%s: the same in both facades', async (name) => {
    const { graphql, rest } = cases[name] as Case;
    expect(await overGraphql(user, graphql)).toBe(await overRest(user, rest));
  });

  it.each([
    ['in default', 'v1_configmaps(namespace: "default")', at('default', '?watch=true&timeoutSeconds=1')],
    ['in all namespaces', 'v1_configmaps', '/api/v1/configmaps?watch=true&timeoutSeconds=1'],
    [
      'of one',
      'v1_configmap(namespace: "default", name: "one")',
      at('default', '?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Done'),
    ],
  ])('following %s: the same in both facades', async (_, field, path) => {
    const reader = await EventReader.open(server.url, {
      method: 'POST',
      headers: { authorization: server.authorization, 'content-type': 'application/json', accept: 'text/event-stream', ...as(user) },
      body: JSON.stringify({ query: `subscription { ${field} { type object { metadata { name } } } }` }),
    });
    await reader.until('it begins, or is refused', () => reader.events.length > 0);
    reader.close();
    const { errors = [] } = (reader.events[0]?.data ?? {}) as unknown as Partial<GraphqlAnswer>;
    expect(errors[0]?.message ?? 'allowed').toBe(await overRest(user, ['GET', path]));
  });

  it('is told by mayI as by access reviews', async () => {
    const verbs = ['get', 'list', 'create', 'patch', 'delete'];
    const actions = verbs.flatMap((verb) => ['default', 'other', ''].map((namespace) => ({ verb, resource: 'configmaps', namespace })));
    const query = 'query($actions: [Action_Input!]!) { mayI(actions: $actions) { allowed reason } }';
    const answer = JSON.parse(await (await server.post({ query, variables: { actions } }, as(user))).text()) as {
      data: { mayI: { allowed: boolean; reason: string }[] };
    };
    for (const [index, { verb, resource, namespace }] of actions.entries()) {
      const { text } = await server.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        headers: as(user),
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb, resource, namespace } },
        },
      });
      const { status } = JSON.parse(text) as { status: { allowed: boolean; reason?: string } };
      const told = answer.data.mayI[index];
      expect(told?.allowed).toBe(status.allowed);
      if (status.allowed) expect(told?.reason).toBe(status.reason ?? '');
      else expect(told?.reason).toContain(`cannot ${verb} resource "configmaps"`);
    }
  });
});
