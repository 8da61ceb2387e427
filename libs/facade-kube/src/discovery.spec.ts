import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const accept = (...versions: string[]) => ({
  accept: [...versions.map((v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`), 'application/json'].join(','),
});
const get = (path: string, headers: Record<string, string> = {}) => server.send(`${prefix}${path}`, { headers });

describe('aggregated discovery', () => {
  it.each([
    [['v2', 'v2beta1'], 'v2'],
    [['v2beta1'], 'v2beta1'],
    [['v3', 'v2'], 'v2'],
  ])('of %j is answered as %s', async (asked, version) => {
    for (const path of ['/api', '/apis']) {
      const reply = await get(path, accept(...asked));
      expect(reply.headers).toMatchObject({
        'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        vary: 'Accept',
        etag: expect.stringMatching(/^"[0-9A-F]{128}"$/) as string,
      });
      expect(reply.json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
      expect(await get(path, { ...accept(...asked), 'if-none-match': reply.headers.etag ?? '' })).toMatchObject({ code: 304, text: '' });
    }
  });

  it('tells of every served kind', async () => {
    const [core] = (await get('/api', accept('v2'))).json['items'] as unknown as {
      metadata: object;
      versions: { version: string; resources: { resource: string }[] }[];
    }[];
    expect(core?.metadata).not.toHaveProperty('name');
    expect(core?.versions[0]?.resources[0]).toMatchObject({
      resource: 'namespaces',
      scope: 'Cluster',
      responseKind: { group: '', version: 'v1', kind: 'Namespace' },
      // In upstream's order, which is another one for custom resources.
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect((await get('/apis', accept('v2'))).json).toMatchObject({
      items: [
        {
          metadata: { name: 'example.com' },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                {
                  resource: 'widgets',
                  responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
                  scope: 'Namespaced',
                  singularResource: 'widget',
                  verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
                  shortNames: ['wd'],
                  categories: ['all'],
                  subresources: [{ subresource: 'status', responseKind: { kind: 'Widget' }, verbs: ['get', 'patch', 'update'] }],
                },
              ],
            },
            { version: 'v1beta1' },
          ],
        },
        { metadata: { name: 'authentication.k8s.io' } },
        {
          metadata: { name: 'authorization.k8s.io' },
          versions: [
            {
              resources: [
                { resource: 'selfsubjectaccessreviews', verbs: ['create'] },
                { resource: 'selfsubjectrulesreviews' },
                { resource: 'subjectaccessreviews', scope: 'Cluster' },
                { resource: 'localsubjectaccessreviews', scope: 'Namespaced' },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('plain discovery', () => {
  it('lists versions, groups and resources', async () => {
    expect((await get('/api')).json).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
    expect((await get('/apis/')).json).toMatchObject({
      kind: 'APIGroupList',
      groups: [
        {
          name: 'example.com',
          versions: [
            { groupVersion: 'example.com/v1', version: 'v1' },
            { groupVersion: 'example.com/v1beta1', version: 'v1beta1' },
          ],
          preferredVersion: { groupVersion: 'example.com/v1', version: 'v1' },
        },
        { name: 'authentication.k8s.io' },
        { name: 'authorization.k8s.io' },
      ],
    });
    expect((await get('/apis/example.com')).json).toMatchObject({ kind: 'APIGroup', apiVersion: 'v1', name: 'example.com' });
    expect((await get('/api/v1')).json).toMatchObject({
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: [
        { name: 'namespaces', namespaced: false },
        { name: 'namespaces/finalize', namespaced: false, verbs: ['update'] },
        { name: 'namespaces/status' },
      ],
    });
  });

  it('lists a group’s version as upstream does', async () => {
    expect((await get('/apis/example.com/v1')).json).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'example.com/v1',
      resources: [
        {
          name: 'widgets',
          singularName: 'widget',
          namespaced: true,
          kind: 'Widget',
          verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
          shortNames: ['wd'],
          categories: ['all'],
          storageVersionHash: 'gIwvi5rymmg=',
        },
        { name: 'widgets/status', singularName: '', namespaced: true, kind: 'Widget', verbs: ['get', 'patch', 'update'] },
      ],
    });
  });

  it('knows nothing of what is not served', async () => {
    for (const path of ['/apis/example.com/v1alpha1', '/apis/nope', '/apis/example.com/v9', '/api/v2'])
      expect(await get(path)).toMatchObject({ code: 404, text: '404 page not found\n' });
  });
});

describe('OpenAPI', () => {
  it('names each document with its workspace and its hash', async () => {
    const { json } = await get('/openapi/v3');
    expect(Object.keys(json['paths'] as object)).toEqual(['api/v1', 'apis/example.com/v1', 'apis/example.com/v1beta1']);
    expect(json).toMatchObject({
      paths: {
        'apis/example.com/v1': {
          serverRelativeURL: expect.stringMatching(
            /^\/clusters\/root:acme\/openapi\/v3\/apis\/example.com\/v1\?hash=[0-9A-F]{128}$/,
          ) as string,
        },
      },
    });
  });

  it('keeps a document for ever under its hash, and nowhere under another', async () => {
    const paths = (await get('/openapi/v3')).json['paths'] as unknown as Record<string, { serverRelativeURL: string }>;
    const url = paths['apis/example.com/v1']?.serverRelativeURL ?? '';
    const reply = await server.send(url);
    expect(reply).toMatchObject({
      code: 200,
      headers: { 'cache-control': 'public, immutable', etag: `"${url.split('=')[1]}"`, vary: 'Accept' },
      json: { openapi: '3.0.0' },
    });
    expect(Date.parse(String(reply.headers['expires']))).toBeGreaterThan(Date.now() + 360 * 24 * 3_600_000);
    expect(await server.send(url, { headers: { 'if-none-match': reply.headers.etag ?? '' } })).toMatchObject({ code: 304, text: '' });
    expect(await server.send(`${url}0`)).toMatchObject({ code: 301, headers: { location: url } });
    expect(await server.send(url.split('?')[0] ?? '')).toMatchObject({ code: 200, headers: { 'cache-control': 'no-cache, private' } });
    expect(await server.send(url, { headers: { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' } })).toMatchObject({
      code: 406,
    });
  });

  it('has the second version in JSON', async () => {
    expect(await get('/openapi/v2', { accept: 'application/json, */*' })).toMatchObject({
      code: 200,
      json: { swagger: '2.0', definitions: { 'com.example.v1.Widget': { type: 'object' } } },
    });
    expect(await get('/openapi/v3/apis/nope/v1')).toMatchObject({ code: 404 });
  });
});

describe('the root of a path', () => {
  it('lists where one can go on', async () => {
    expect((await server.send(`${prefix}/`)).json).toEqual({
      paths: [
        '/.well-known/openid-configuration',
        '/api',
        '/api/v1',
        '/apis',
        '/apis/authentication.k8s.io',
        '/apis/authentication.k8s.io/v1',
        '/apis/authorization.k8s.io',
        '/apis/authorization.k8s.io/v1',
        '/apis/example.com',
        '/apis/example.com/v1',
        '/apis/example.com/v1beta1',
        '/healthz',
        '/livez',
        '/openapi/v2',
        '/openapi/v3',
        '/openid/v1/jwks',
        '/readyz',
        '/version',
      ],
    });
    expect((await server.send(prefix)).json).toHaveProperty('paths');
    expect((await server.send('/')).json).toEqual({ paths: ['/healthz', '/livez', '/metrics', '/readyz', '/version'] });
    expect((await server.send('/nope')).text).toBe('404 page not found\n');
  });
});
