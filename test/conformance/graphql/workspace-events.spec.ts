import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from './event-reader.ts';
import { startGraphqlServer } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const readers: EventReader[] = [];
beforeAll(async () => void (server = await startGraphqlServer()));
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => server?.stop());

const configMaps = '/api/v1/namespaces/default/configmaps';
type Written = { readonly metadata: { readonly resourceVersion: string } };
const write = (method: string, name: string, data: object) =>
  server.rest(method, method === 'PUT' ? `${configMaps}/${name}` : configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  }) as unknown as Promise<Written>;

async function follow(from?: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
  const query =
    'subscription($from: String) { workspaceEvents(from: $from) { type resourceVersion group resource kind namespace name health { word } object } }';
  const reader = await EventReader.open(server.url, {
    method: 'POST',
    headers: { authorization: server.authorization, 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, ...(from === undefined ? {} : { variables: { from } }) }),
  });
  readers.push(reader);
  return reader;
}

type Told = {
  readonly type: string;
  readonly resourceVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly object: { readonly data?: object } | null;
};
const toldTo = (reader: EventReader): readonly Told[] => reader.objects as unknown as readonly Told[];
const shown = (reader: EventReader): readonly string[] => toldTo(reader).map(({ type, kind, name }) => `${type} ${kind} ${name}`);

describe('everything that happens in a workspace', () => {
  it('is told in one stream, in order, whatever the kind', async () => {
    const reader = await follow();
    await write('POST', 'one', { a: '1' });
    await server.rest('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'busy' } });
    await write('PUT', 'one', { a: '2' });
    await server.rest('DELETE', `${configMaps}/one`);
    await reader.until('all is told', () => shown(reader).includes('DELETED ConfigMap one'));
    const told = shown(reader).filter((event) => !event.endsWith('kube-root-ca.crt') && !event.includes('ServiceAccount'));
    expect(told).toEqual(['ADDED ConfigMap one', 'ADDED Namespace busy', 'MODIFIED ConfigMap one', 'DELETED ConfigMap one']);
    expect(toldTo(reader)[0]).toMatchObject({ group: '', resource: 'configmaps', namespace: 'default', health: { word: 'Current' } });
    const versions = toldTo(reader).map(({ resourceVersion }) => Number(resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('goes on behind a version, without a gap and without a repetition', async () => {
    const { metadata } = await write('POST', 'two', { a: '1' });
    for (const a of ['2', '3', '4']) await write('PUT', 'two', { a });
    const reader = await follow(metadata.resourceVersion);
    await write('PUT', 'two', { a: '5' });
    await reader.until('all is told', () => toldTo(reader).length === 4);
    expect(toldTo(reader).map(({ object }) => object?.data)).toEqual([{ a: '2' }, { a: '3' }, { a: '4' }, { a: '5' }]);
    const middle = toldTo(reader)[1]?.resourceVersion;
    const again = await follow(middle);
    await again.until('the rest is told', () => toldTo(again).length === 2);
    expect(toldTo(again).map(({ object }) => object?.data)).toEqual([{ a: '4' }, { a: '5' }]);
  });

  it('is told of what one may watch only, by the rights of the moment', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await server.rest('POST', `${rbac}/roles`, {
      apiVersion,
      kind: 'Role',
      metadata: { name: 'ann' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] }],
    });
    await server.rest('POST', `${rbac}/rolebindings`, {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: 'ann' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'ann' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    });
    const reader = await follow(undefined, { 'impersonate-user': 'ann' });
    const secret = (name: string) =>
      server.rest('POST', '/api/v1/namespaces/default/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name } });
    await secret('hidden');
    await write('POST', 'three', {});
    await reader.until('it is told', () => toldTo(reader).length === 1);
    await server.rest('PUT', `${rbac}/roles/ann`, {
      apiVersion,
      kind: 'Role',
      metadata: { name: 'ann' },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['watch'] }],
    });
    await write('POST', 'four', {});
    await secret('seen');
    await reader.until('the next is told', () => toldTo(reader).length === 2);
    expect(shown(reader)).toEqual(['ADDED ConfigMap three', 'ADDED Secret seen']);
    await server.rest('DELETE', `${rbac}/rolebindings/ann`);
    await reader.until('whoever may not come in any more is shown out', () => reader.isOver);
    expect(reader.events.at(-1)?.event).toBe('complete');
  });

  it('says that one is behind where what has happened is kept no longer, and goes on from now', async () => {
    const { metadata } = await write('POST', 'five', {});
    const { metadata: kept } = await write('PUT', 'five', { a: '1' });
    await server.house.log.truncate('account-root', BigInt(kept.resourceVersion) - 1n);
    const before = String(BigInt(metadata.resourceVersion) - 1n);
    const reader = await follow(before);
    await reader.until('it is told', () => toldTo(reader).length === 1);
    await write('PUT', 'five', { a: '2' });
    await reader.until('it goes on', () => toldTo(reader).length === 2);
    expect(toldTo(reader).map(({ type, resourceVersion, object }) => [type, resourceVersion, object?.data])).toEqual([
      ['BEHIND', kept.resourceVersion, undefined],
      ['MODIFIED', String(BigInt(kept.resourceVersion) + 1n), { a: '2' }],
    ]);
    const at = (moment: string) => server.ask(`{ v1 { ConfigMaps(at: ${moment}) { items { kind } } } }`);
    for (const moment of [`{ resourceVersion: "${before}" }`, '{ time: "2000-01-01T00:00:00Z" }'])
      expect((await at(moment)).errors).toMatchObject([{ extensions: { code: 'Expired', status: { code: 410 } } }]);
    expect((await at(`{ resourceVersion: "${kept.resourceVersion}" }`)).errors).toEqual([]);
  });

  it.each([['x'], ['99999999']])('is refused from %s', async (from) => {
    const reader = await follow(from);
    await reader.until('it is over', () => reader.isOver);
    expect(reader.events[0]?.data).toMatchObject({ errors: [{ extensions: { code: 'BadRequest' } }] });
  });
});
