import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlServer } from './graphql-server.ts';

// Most operations are executed by what was made of their selection once. A directive anywhere leaves an operation to graphql-js: both must say the same.

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
beforeAll(async () => {
  server = await startGraphqlServer();
  for (const name of ['a', 'b'])
    await server.rest('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { app: name }, ownerReferences: [] },
      data: { key: name },
      immutable: false,
    });
});
afterAll(() => server?.stop());

const list = 'ConfigMaps(namespace: "default", labelselector: "app")';

describe('an operation', () => {
  it.each([
    [
      '{ v1 { # } }',
      `${list} { items { metadata { name labels ownerReferences { name } } data immutable } remainingItemCount resourceVersion }`,
    ],
    ['{ __typename v1 { __typename # } }', `a: ${list} { __typename items { __typename kind: apiVersion metadata { __typename } } }`],
    [
      '{ v1 { # } v1 { Namespace(name: "default") { kind } } }',
      'ConfigMap(namespace: "default", name: "a") { data } ConfigMap(namespace: "default", name: "a") { kind metadata { name } metadata { uid } }',
    ],
    ['{ v1 { # } }', 'ConfigMapYaml(namespace: "default", name: "a") gone: ConfigMap(namespace: "default", name: "z") { kind }'],
    ['{ v1 { # } }', 'one: ConfigMap(name: "a") { kind } ConfigMaps(labelselector: "(") { continue }'],
    [
      'query Q($n: String! = "b") { v1 { # } }',
      'ConfigMap(namespace: "default", name: $n) { ... on V1ConfigMap { data } ...F } } } fragment F on V1ConfigMap { kind metadata { ...M } } fragment M on ObjectMeta { name generation ',
    ],
    ['query Q($n: String!) { v1 { # } }', 'ConfigMap(namespace: "default", name: $n) { data }'],
    ['{ rbac_authorization_k8s_io { v1 { # } } }', 'ClusterRoles(limit: 2) { items { rules { verbs resources apiGroups } } continue }'],
    ['{ core_kcp_io { v1alpha1 { # } } }', 'LogicalClusters { items { status { phase conditions { type observedGeneration } } } }'],
  ])('%s says the same however it is executed: %s', async (around, selection) => {
    const [plain, full] = [around.replace('#', selection), around.replace('#', `${selection} __typename @skip(if: true)`)];
    const asked = await server.ask(plain);
    const expected = await server.ask(full);
    const places = ({ errors }: typeof asked) => errors.map(({ message, path, extensions }) => ({ message, path, extensions }));
    expect(asked.data).toEqual(expected.data);
    expect(JSON.stringify(asked.data)).toBe(JSON.stringify(expected.data));
    expect(places(asked)).toEqual(places(expected));
    expect(asked.code).toBe(expected.code);
  });

  it('may call a field by a name that every object has', async () => {
    const { data } = await server.ask('{ v1 { constructor: Namespace(name: "default") { toString: kind __proto__: kind } } }');
    expect(JSON.stringify(data)).toBe('{"v1":{"constructor":{"toString":"Namespace","__proto__":"Namespace"}}}');
  });
});
