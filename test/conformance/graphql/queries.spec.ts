import { createHash } from 'node:crypto';
import { metricsText } from '#telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlServer } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const configMaps = '/api/v1/namespaces/default/configmaps';
const accounts = '/apis/core.platform-mesh.io/v1alpha1/accounts';

beforeAll(async () => {
  server = await startGraphqlServer();
  for (const [name, app, data] of [
    ['b', 'web', { size: '1' }],
    ['a', 'web', { size: '3' }],
    ['c', 'db', { size: '2' }],
    ['d', 'db', {}],
  ] as const)
    await server.rest('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { app } }, data });
});
afterAll(() => server?.stop());

const names = async (args: string): Promise<unknown> => {
  const { data, errors } = await server.ask(`{ v1 { ConfigMaps(namespace: "default" ${args}) { items { metadata { name } } } } }`);
  if (errors[0]) return errors[0].extensions?.code;
  const { v1 } = data as unknown as { v1: { ConfigMaps: { items: { metadata: { name: string } }[] } } };
  return v1.ConfigMaps.items.map(({ metadata }) => metadata.name).filter((name) => name.length === 1);
};

describe('a list', () => {
  it.each([
    ['', ['a', 'b', 'c', 'd']],
    ['labelselector: "app=web"', ['a', 'b']],
    ['labelselector: "app!=web"', ['c', 'd']],
    ['labelselector: "app in ("', 'BadRequest'],
    ['fieldselector: "metadata.name=c"', ['c']],
    ['fieldselector: "data.size=1"', 'BadRequest'],
    ['sortBy: "data.size"', ['b', 'c', 'a', 'd']],
    ['sortBy: "-data.size"', ['a', 'c', 'b', 'd']],
    ['sortBy: "metadata.labels.app,-metadata.name"', ['d', 'c', 'b', 'a']],
    ['sortBy: ","', 'BadRequest'],
    ['resourceVersion: "99999999"', 'Timeout'],
    ['resourceVersion: "1"', ['a', 'b', 'c', 'd']],
    ['resourceVersion: "x"', 'BadRequest'],
    ['continue: "x"', 'BadRequest'],
  ])('with (%s) shows %j', async (args, shown) => {
    expect(await names(args)).toEqual(shown);
  });

  it('is sorted as a whole and paged without a gap, whatever is written meanwhile', async () => {
    const seen: string[] = [];
    let token = '';
    const rest: number[] = [];
    do {
      const { data, errors } = await server.ask(
        `query Page($token: String) { v1 { ConfigMaps(namespace: "default", labelselector: "app", sortBy: "-metadata.name", limit: 2, continue: $token) {
          items { metadata { name } } continue remainingItemCount resourceVersion } } }`,
        { token },
      );
      expect(errors).toEqual([]);
      const page = (data as unknown as { v1: { ConfigMaps: Page } }).v1.ConfigMaps;
      seen.push(...page.items.map(({ metadata }) => metadata.name));
      rest.push(page.remainingItemCount);
      token = page.continue;
      await server.rest('POST', configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `late-${rest.length}`, labels: { app: 'late' } },
      });
    } while (token !== '');
    expect(seen).toEqual(['d', 'c', 'b', 'a']);
    expect(rest).toEqual([2, 0]);
    for (const late of [1, 2]) await server.rest('DELETE', `${configMaps}/late-${late}`);
  });
});
type Page = {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
  readonly continue: string;
  readonly remainingItemCount: number;
};

describe('an object', () => {
  it('is shown with the fields that are asked for', async () => {
    const { data } = await server.ask(
      '{ v1 { ConfigMap(name: "a", namespace: "default") { kind apiVersion data metadata { labels generation } immutable } } }',
    );
    expect(data).toEqual({
      v1: {
        ConfigMap: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          data: { size: '3' },
          metadata: { labels: { app: 'web' }, generation: null },
          immutable: null,
        },
      },
    });
  });

  it('is shown as YAML', async () => {
    const { data } = await server.ask('{ v1 { ConfigMapYaml(name: "a", namespace: "default") } }');
    expect((data as unknown as { v1: { ConfigMapYaml: string } }).v1.ConfigMapYaml).toMatch(
      /^apiVersion: v1\ndata:\n {2}size: "3"\nkind: ConfigMap\n/,
    );
  });

  it('that is not there is refused as over REST, and spares what stands beside it', async () => {
    const { code, data, errors } = await server.ask(
      '{ v1 { ConfigMap(name: "z", namespace: "default") { data } Namespace(name: "default") { kind } } }',
    );
    expect(code).toBe(200);
    expect(data).toEqual({ v1: { ConfigMap: null, Namespace: { kind: 'Namespace' } } });
    expect(errors).toMatchObject([
      {
        path: ['v1', 'ConfigMap'],
        message: 'configmaps "z" not found',
        extensions: { code: 'NotFound', status: { code: 404, reason: 'NotFound' } },
      },
    ]);
  });

  it('of a namespaced kind needs its namespace', async () => {
    const { errors } = await server.ask('{ v1 { ConfigMap(name: "a") { data } } }');
    expect(errors[0]?.extensions?.code).toBe('BadRequest');
  });
});

describe('a category', () => {
  it('tells its kinds as they are called here', async () => {
    const { data } = await server.ask('{ typeByCategory(name: "platform-mesh") { group version kind scope } }');
    expect(data).toEqual({ typeByCategory: [{ group: 'core_platform_mesh_io', version: 'v1alpha1', kind: 'Account', scope: 'Cluster' }] });
  });

  it('gives the objects of its kinds', async () => {
    const { items } = (await server.rest('GET', accounts)) as unknown as { items: { metadata: { name: string } }[] };
    const { data } = await server.ask(
      '{ resourcesByCategory(name: "platform-mesh") { __typename ... on CorePlatformMeshIoV1alpha1Account { metadata { name } } } }',
    );
    const found = (data as unknown as { resourcesByCategory: { metadata: { name: string } }[] }).resourcesByCategory;
    expect(found.map(({ metadata }) => metadata.name)).toEqual(items.map(({ metadata }) => metadata.name));
  });
});

describe('over HTTP', () => {
  const query = '{ typeByCategory(name: "none") { kind } }';
  const empty = { data: { typeByCategory: [] } };

  it.each([
    [
      'a GET',
      async () => fetch(`${server.url}?query=${encodeURIComponent(query)}`, { headers: { authorization: server.authorization } }),
      200,
      empty,
    ],
    ['a text', async () => server.post(query, { 'content-type': 'application/graphql' }), 200, empty],
    ['a batch', async () => server.post([{ query }, { query }]), 200, [empty, empty]],
    [
      'the new media type',
      async () => server.post({ query }, { accept: 'application/graphql-response+json, application/json;q=0.9' }),
      200,
      empty,
    ],
  ])('%s is answered', async (_, ask, code, body) => {
    const response = await ask();
    expect(response.status).toBe(code);
    expect(await response.json()).toEqual(body);
  });

  it.each([
    ['no JSON', () => server.post('{'), 400],
    ['no object', () => server.post('7'), 400],
    ['no query', () => server.post({}), 400],
    ['an empty batch', () => server.post([]), 400],
    ['a batch of eleven', () => server.post(Array.from({ length: 11 }, () => ({ query }))), 400],
    ['another media type', () => server.post(query, { 'content-type': 'text/plain' }), 415],
    ['a body of four megabytes', () => server.post({ query: ' '.repeat(4 << 20) }), 413],
    ['another method', () => fetch(server.url, { method: 'PUT', headers: { authorization: server.authorization } }), 405],
    ['an answer in XML', () => server.post({ query }, { accept: 'text/xml' }), 406],
    ['no token', () => server.post({ query }, { authorization: '' }), 401],
  ])('%s is refused', async (_, ask, code) => {
    expect((await ask()).status).toBe(code);
  });

  it.each([
    ['what is no GraphQL', '{', 200],
    ['a field that is not there', '{ none }', 200],
    ['what lies too deep', `{ v1 { ${'a { '.repeat(10)} b ${'}'.repeat(10)} } }`, 200],
    ['too many fields', `{ ${Array.from({ length: 1001 }, (_, index) => `a${index}: __typename`).join(' ')} }`, 200],
    ['a fragment that spreads itself', 'query { ...a } fragment a on Query { ...a }', 200],
    [
      'fragments that double each other',
      `{ ...f0 } ${Array.from({ length: 30 }, (_, index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`).join(' ')} fragment f30 on Query { __typename }`,
      200,
    ],
    ['a document that nests thousands deep', `${'{a'.repeat(9000)}${'}'.repeat(9000)}`, 200],
    ['a subscription without a stream', 'subscription { v1_configmaps { type } }', 200],
  ])('%s is no fault of the server', async (_, text, code) => {
    const answer = await server.ask(text);
    expect(answer.errors.length).toBeGreaterThan(0);
    expect([code, 406]).toContain(answer.code);
    expect(answer.errors[0]?.extensions?.code).not.toBe('InternalError');
  });

  it('a browser gets a page to ask from, which needs nothing from elsewhere', async () => {
    const page = await fetch(server.url, { headers: { accept: 'text/html,*/*' } });
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).not.toMatch(/https?:|src=|@import/);
    const policy = page.headers.get('content-security-policy') ?? '';
    const [, script = ''] = /<script>([^]*)<\/script>/.exec(html) ?? [];
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect((await fetch(`${server.url}?query={__typename}`, { headers: { accept: 'text/html' } })).status).toBe(401);
  });

  it('a document is known by its hash once its text was sent', async () => {
    const text = 'query Known { v1 { Namespace(name: "default") { kind } } }';
    const sha256Hash = createHash('sha256').update(text).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const first = await server.post({ extensions });
    expect(await first.json()).toMatchObject({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    expect(await (await server.post({ query: `${text} `, extensions })).json()).toHaveProperty('errors');
    const answer = { data: { v1: { Namespace: { kind: 'Namespace' } } } };
    expect(await (await server.post({ query: text, extensions })).json()).toEqual(answer);
    expect(await (await server.post({ extensions })).json()).toEqual(answer);
    expect(await metricsText()).toContain('tributary_graphql_operations_total{operation="Known",type="query",outcome="answered"} 2');
  });

  it('the schema can be asked for what it is', async () => {
    const { getIntrospectionQuery, buildClientSchema } = await import('graphql');
    const { data, errors } = await server.ask(getIntrospectionQuery());
    expect(errors).toEqual([]);
    expect(buildClientSchema(data as never).getType('CorePlatformMeshIoV1alpha1Account')).toBeDefined();
  });
});
