import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { gadgetsDefinition } from './define-gadgets.ts';
import { EventReader } from './event-reader.ts';
import { startGraphqlServer } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const configMaps = '/api/v1/namespaces/default/configmaps';
const readers: EventReader[] = [];

beforeAll(async () => void (server = await startGraphqlServer()));
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => server?.stop());

let count = 0;
/** A map of its own for each test, so that they need not know of each other. */
async function aMap(data: object = { key: 'one' }) {
  const [name, group] = [`m-${(count += 1)}`, `g-${count}`];
  const made = (await server.rest('POST', configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { group } },
    data,
  })) as unknown as { metadata: { resourceVersion: string } };
  return {
    name,
    group,
    version: made.metadata.resourceVersion,
    change: (change: object) =>
      server.ask(
        'mutation($object: V1ConfigMap_Input!, $name: String!) { v1 { updateConfigMap(namespace: "default", name: $name, object: $object) { kind } } }',
        { name, object: change },
      ),
    remove: () => server.rest('DELETE', `${configMaps}/${name}`),
  };
}

async function follow(
  query: string,
  variables?: object,
  headers: Readonly<Record<string, string>> = {},
  { url } = server,
): Promise<EventReader> {
  const reader = await EventReader.open(url, {
    method: 'POST',
    headers: { authorization: server.authorization, 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) }),
  });
  readers.push(reader);
  return reader;
}

/** Behind which version to go on after each event. */
const versionsIn = (reader: EventReader): readonly string[] =>
  reader.objects.map((event) => (event as unknown as { resourceVersion: string }).resourceVersion);

const shown = 'type object { metadata { name } data }';

describe('a subscription', () => {
  it('tells what is there, then what happens', async () => {
    const map = await aMap();
    const reader = await follow(`subscription { v1_configmaps(namespace: "default", labelselector: "group=${map.group}") { ${shown} } }`);
    expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
    await reader.until('it is there', () => reader.told.length === 1);
    await map.change({ data: { key: 'two' } });
    await map.remove();
    await reader.until('it is gone', () => reader.told.length === 3);
    expect(reader.told).toEqual([`ADDED ${map.name}`, `MODIFIED ${map.name}`, `DELETED ${map.name}`]);
    expect(reader.objects.map(({ object }) => object['data'])).toEqual([{ key: 'one' }, { key: 'two' }, { key: 'two' }]);
    expect(reader.events.map(({ event }) => event)).toEqual(['next', 'next', 'next']);
  });

  it('of one object tells of no other', async () => {
    const [map, other] = [await aMap(), await aMap()];
    const reader = await follow(
      'subscription($name: String!) { v1_configmap(namespace: "default", name: $name) { type object { metadata { name } data } } }',
      { name: map.name },
    );
    await other.change({ data: { key: 'two' } });
    await map.change({ data: { key: 'two' } });
    await reader.until('it has changed', () => reader.told.length === 2);
    expect(reader.told).toEqual([`ADDED ${map.name}`, `MODIFIED ${map.name}`]);
  });

  it.each([
    [false, ['ADDED', 'MODIFIED']],
    [true, ['ADDED', 'MODIFIED', 'MODIFIED']],
  ])('tells of changes in what is selected only, unless subscribeToAll (%s)', async (all, types) => {
    const map = await aMap({ key: 'one' });
    const reader = await follow(
      `subscription { v1_configmap(namespace: "default", name: "${map.name}", subscribeToAll: ${all}) { type object { metadata { name } data } } }`,
    );
    await reader.until('it is there', () => reader.told.length === 1);
    await map.change({ metadata: { annotations: { note: 'seen by nobody' } } });
    await map.change({ data: { key: 'two' } });
    await reader.until('it has changed', () =>
      reader.objects.some(({ object }) => (object['data'] as { key?: string } | undefined)?.key === 'two'),
    );
    expect(reader.objects.map(({ type }) => type)).toEqual(types);
  });

  it('goes on behind a version', async () => {
    const map = await aMap();
    await map.change({ data: { key: 'two' } });
    const reader = await follow(
      `subscription($from: String) { v1_configmaps(labelselector: "group=${map.group}", resourceVersion: $from) { ${shown} } }`,
      { from: map.version },
    );
    await map.change({ data: { key: 'three' } });
    await reader.until('both are told', () => reader.told.length === 2);
    expect(reader.objects.map(({ object }) => object['data'])).toEqual([{ key: 'two' }, { key: 'three' }]);
  });

  it('tells what is there in the order of its versions, so that the last one told is where to go on', async () => {
    const [first, second] = [await aMap(), await aMap()];
    await first.change({ metadata: { labels: { group: second.group } } });
    const selected = `labelselector: "group=${second.group}"`;
    const reader = await follow(`subscription { v1_configmaps(${selected}) { type resourceVersion object { metadata { name } } } }`);
    await reader.until('both are told', () => reader.told.length === 2);
    expect(reader.told).toEqual([`ADDED ${second.name}`, `ADDED ${first.name}`]);
    expect(versionsIn(reader)[0]).toBe(second.version);
    // As if the connection had been cut between both.
    const resumed = await follow(
      `subscription { v1_configmaps(${selected}, resourceVersion: "${second.version}") { type object { metadata { name } } } }`,
    );
    await resumed.until('the other is told', () => resumed.told.length === 1);
    expect(resumed.told).toEqual([`ADDED ${first.name}`]);
  });

  it('says behind which version to go on, which is no change of what is selected', async () => {
    const map = await aMap({ key: 'one' });
    const reader = await follow(
      `subscription { v1_configmap(namespace: "default", name: "${map.name}") { type resourceVersion object { metadata { name } data } } }`,
    );
    await reader.until('it is there', () => reader.told.length === 1);
    await map.change({ metadata: { annotations: { note: 'seen by nobody' } } });
    await map.change({ data: { key: 'two' } });
    await map.remove();
    await reader.until('it is gone', () => reader.told.length >= 3);
    expect(reader.told).toEqual([`ADDED ${map.name}`, `MODIFIED ${map.name}`, `DELETED ${map.name}`]);
    const [begun, changed, gone] = versionsIn(reader).map(BigInt);
    expect(begun).toBe(BigInt(map.version));
    expect([changed! - begun!, gone! - changed!]).toEqual([2n, 1n]);
  });

  it('shows an alias, a fragment and a directive as a query does', async () => {
    const map = await aMap();
    const reader = await follow(
      `subscription S($no: Boolean = false) { here: v1_configmap(namespace: "default", name: "${map.name}") { ...E } }
       fragment E on V1ConfigMapEvent { what: type object { metadata { name } data @include(if: $no) kind } }`,
    );
    await reader.until('it is there', () => reader.events.length === 1);
    expect(reader.events[0]?.data).toEqual({
      data: { here: { what: 'ADDED', object: { metadata: { name: map.name }, kind: 'ConfigMap' } } },
    });
  });

  it('outlives a change of its kind', async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const definition = (more: object, served = true) =>
      gadgetsDefinition(
        { spec: { type: 'object', properties: { size: { type: 'integer' }, ...more } } },
        { served, subresources: undefined },
      );
    const create = (name: string) =>
      server.rest('POST', '/apis/x.io/v1/namespaces/default/gadgets', {
        apiVersion: 'x.io/v1',
        kind: 'Gadget',
        metadata: { name },
        spec: { size: 1 },
      });
    await server.rest('POST', definitions, definition({}));
    await create('one');
    const reader = await follow('subscription { x_io_v1_gadgets { type object { metadata { name } spec { size } } } }');
    await reader.until('the first is there', () => reader.told.length === 1);
    const change = async (next: object): Promise<void> => {
      const { metadata } = (await server.rest('GET', `${definitions}/gadgets.x.io`)) as unknown as { metadata: object };
      await server.rest('PUT', `${definitions}/gadgets.x.io`, { ...next, metadata });
    };
    await change(definition({ colour: { type: 'string' } }));
    await create('two');
    await reader.until('the second is there', () => reader.told.length === 2);
    expect(reader.told).toEqual(['ADDED one', 'ADDED two']);
    await change(definition({}, false));
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events.at(-1)?.event).toBe('complete');
    expect((await server.ask('{ x_io { v1 { __typename } } }')).errors).toHaveLength(1);
  });

  it.each([
    ['a selector that is none', 'subscription { v1_configmaps(labelselector: "a in (") { type } }', 'BadRequest'],
    ['a version that is none', 'subscription { v1_configmaps(resourceVersion: "x") { type } }', 'BadRequest'],
    ['a version that is not yet', 'subscription { v1_configmaps(resourceVersion: "99999999") { type } }', 'BadRequest'],
    ['an object without its namespace', 'subscription { v1_configmap(name: "x") { type } }', 'BadRequest'],
  ])('from %s is told why, and ends', async (_, query, code) => {
    const reader = await follow(query);
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events.map(({ event }) => event)).toEqual(['next', 'complete']);
    expect(reader.events[0]?.data).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  it('that does not fit the schema is told so', async () => {
    const reader = await follow('subscription { v1_nothings { type } }');
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events.map(({ event }) => event)).toEqual(['next', 'complete']);
  });

  it('with two fields is none', async () => {
    const reader = await follow('subscription { a: v1_configmaps { type } b: v1_configmaps { type } }');
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events[0]?.data).toHaveProperty('errors');
  });

  it('may be a query, which has one result', async () => {
    const reader = await follow('{ v1 { Namespace(name: "default") { kind } } }');
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events).toEqual([
      { event: 'next', data: { data: { v1: { Namespace: { kind: 'Namespace' } } } } },
      { event: 'complete', data: undefined },
    ]);
  });

  it('ends when the right to watch is taken away, and is refused from then on', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const named = (kind: string) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'watchers' } });
    await server.rest('POST', `${rbac}/roles`, {
      ...named('Role'),
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] }],
    });
    await server.rest('POST', `${rbac}/rolebindings`, {
      ...named('RoleBinding'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'watchers' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    });
    const asAnn = { 'impersonate-user': 'ann' };
    const map = await aMap();
    const elsewhere = await follow('subscription { v1_configmaps { type } }', undefined, asAnn);
    await elsewhere.until('it is refused', () => elsewhere.isOver);
    expect(elsewhere.events[0]?.data).toMatchObject({ errors: [{ extensions: { code: 'Forbidden' } }] });
    const reader = await follow(
      `subscription { v1_configmaps(namespace: "default", labelselector: "group=${map.group}") { type object { metadata { name } } } }`,
      undefined,
      asAnn,
    );
    await reader.until('it is there', () => reader.told.length === 1);
    const query = await server.post({ query: '{ v1 { ConfigMaps(namespace: "default") { items { kind } } } }' }, asAnn);
    expect(await query.json()).toMatchObject({
      data: { v1: { ConfigMaps: null } },
      errors: [{ extensions: { code: 'Forbidden', status: { code: 403 } } }],
    });
    await server.rest('DELETE', `${rbac}/rolebindings/watchers`);
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events.map(({ event }) => event)).toEqual(['next', 'next', 'complete']);
    const code = (reader.events[1]?.data as unknown as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;
    expect(code).toBe('Forbidden');
  });
});

describe('a version that nobody remembers', () => {
  it('begins anew, and says so: each object once, also where none is left', async ({ onTestFinished }) => {
    const stores = { log: new MemoryEventLog(), snapshots: new MemorySnapshotStore() };
    const earlier = await startGraphqlServer(stores);
    const write = (on: typeof earlier, method: string, name: string, data: object) =>
      on.rest(method, method === 'POST' ? configMaps : `${configMaps}/${name}`, {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { of: 'all' } } },
        data,
      }) as unknown as Promise<{ metadata: { resourceVersion: string } }>;
    const { metadata } = await write(earlier, 'POST', 'kept', { key: 'one' });
    await write(earlier, 'POST', 'removed', {});
    await earlier.rest('DELETE', `${configMaps}/removed`);
    await write(earlier, 'PUT', 'kept', { key: 'two' });
    const account = await earlier.house.accounts.account('root');
    await account.saveSnapshot();
    await earlier.stop();
    await stores.log.truncate('account-root', BigInt(metadata.resourceVersion) + 1n);
    const later = await startGraphqlServer(stores);
    onTestFinished(() => later.stop());
    const resume = (of: string) =>
      follow(
        `subscription { v1_configmaps(labelselector: "of=${of}", resourceVersion: "${metadata.resourceVersion}") { ${shown} } }`,
        undefined,
        {},
        later,
      );
    const reader = await resume('all');
    await reader.until('it is there', () => reader.events.length === 1);
    await write(later, 'PUT', 'kept', { key: 'three' });
    await reader.until('it has changed', () => reader.events.length === 2);
    const event = (type: string, key: string) => ({ v1_configmaps: { type, object: { metadata: { name: 'kept' }, data: { key } } } });
    expect(reader.events.map(({ data }) => data)).toEqual([
      { data: event('ADDED', 'two'), extensions: { anew: true } },
      { data: event('MODIFIED', 'three') },
    ]);
    const empty = await resume('nothing');
    await empty.until('it is told', () => empty.events.length === 1);
    expect(empty.events[0]?.data).toEqual({ data: { v1_configmaps: null }, extensions: { anew: true } });
  });
});
