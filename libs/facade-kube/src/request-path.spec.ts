import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequestPath } from './request-path.ts';

const get = (url: string) => parseRequestPath('GET', url);

describe('a request path', () => {
  it.each([
    [
      'GET',
      '/clusters/root:orgs/api/v1/namespaces',
      { workspace: 'root:orgs', verb: 'list', group: '', version: 'v1', resource: 'namespaces', namespace: '', name: '', subresource: '' },
    ],
    [
      'GET',
      '/clusters/root%3Aorgs/api/v1/namespaces/x',
      { workspace: 'root:orgs', verb: 'get', resource: 'namespaces', namespace: '', name: 'x' },
    ],
    ['GET', '/clusters/root/api/v1/namespaces/x/status', { verb: 'get', resource: 'namespaces', name: 'x', subresource: 'status' }],
    ['PUT', '/clusters/root/api/v1/namespaces/x/finalize', { verb: 'update', resource: 'namespaces', name: 'x', subresource: 'finalize' }],
    ['GET', '/clusters/root/api/v1/namespaces/x/configmaps', { verb: 'list', resource: 'configmaps', namespace: 'x', name: '' }],
    [
      'HEAD',
      '/clusters/root/apis/g.io/v1/widgets/a',
      { verb: 'get', group: 'g.io', version: 'v1', resource: 'widgets', namespace: '', name: 'a' },
    ],
    [
      'GET',
      '/clusters/root/apis/g.io/v1/namespaces/n/widgets/a/status',
      { verb: 'get', resource: 'widgets', namespace: 'n', name: 'a', subresource: 'status' },
    ],
    ['GET', '/clusters/root/apis/g.io/v1/widgets?watch=true', { verb: 'watch' }],
    ['GET', '/clusters/root/apis/g.io/v1/widgets?watch', { verb: 'watch' }],
    ['GET', '/clusters/root/apis/g.io/v1/widgets?watch=false', { verb: 'list' }],
    ['GET', '/clusters/root/apis/g.io/v1/widgets?watch=0', { verb: 'list' }],
    ['HEAD', '/clusters/root/apis/g.io/v1/widgets?watch=1', { verb: 'list' }],
    ['GET', '/clusters/root/apis/g.io/v1/watch/namespaces/n/widgets/a', { verb: 'watch', resource: 'widgets', namespace: 'n', name: 'a' }],
    ['POST', '/clusters/root/apis/g.io/v1/namespaces/n/widgets', { verb: 'create' }],
    ['PUT', '/clusters/root/apis/g.io/v1/namespaces/n/widgets/a', { verb: 'update' }],
    ['PATCH', '/clusters/root/apis/g.io/v1/namespaces/n/widgets/a', { verb: 'patch' }],
    ['DELETE', '/clusters/root/apis/g.io/v1/namespaces/n/widgets/a', { verb: 'delete' }],
    ['DELETE', '/clusters/root/apis/g.io/v1/namespaces/n/widgets', { verb: 'deletecollection' }],
    ['OPTIONS', '/clusters/root/apis/g.io/v1/namespaces/n/widgets', { verb: 'options' }],
    ['GET', '/clusters/root/apis/rbac/v1/clusterroles/system:admin', { name: 'system:admin' }],
  ])('%s %s', (method, url, expected) => {
    expect(parseRequestPath(method, url)).toMatchObject({ type: 'resource', ...expected });
  });

  it.each([
    ['/version', { workspace: undefined, path: '/version', segments: ['version'] }],
    ['/clusters/root/', { workspace: 'root', path: '/', segments: [] }],
    ['/clusters/root/apis/', { workspace: 'root', path: '/apis', segments: ['apis'] }],
    ['/clusters/root/apis/g.io/v1', { workspace: 'root', segments: ['apis', 'g.io', 'v1'] }],
    ['/clusters/root/openapi/v3/apis/g.io/v1?hash=X', { segments: ['openapi', 'v3', 'apis', 'g.io', 'v1'] }],
    ['/apis', { workspace: undefined, segments: ['apis'] }],
  ])('%s is no resource', (url, expected) => {
    expect(get(url)).toMatchObject({ type: 'path', verb: 'get', ...expected });
  });

  // Each of these became another workspace's path in a server that decoded or normalised before it split.
  it.each([
    ['/clusters/root/../secret/api/v1/namespaces'],
    ['/clusters/root/%2e%2e/secret/api/v1/namespaces'],
    ['/clusters/root/%2E./secret/api'],
    ['/clusters/root/./api'],
    ['/clusters/root%2fapi/v1'],
    ['/clusters/root%2Fsecret/api/v1/namespaces'],
    ['/clusters/root%5csecret/api'],
    ['/clusters/root\\..\\secret/api'],
    ['/clusters//api/v1/namespaces'],
    ['/clusters/root//api/v1/namespaces'],
    ['//clusters/root/api'],
    ['/clusters'],
    ['/clusters/'],
    ['/clusters/%/api'],
    ['/clusters/%ff/api'],
    ['/clusters/root:/api'],
    ['/clusters/:root/api'],
    ['/clusters/root::a/api'],
    ['/clusters/root:../api'],
    ['/clusters/ROOT/api'],
    ['/clusters/*/api'],
    ['/clusters/root%00/api'],
    ['/clusters/root%253Aorgs/api'],
    ['/clusters/a/clusters/b/api'],
    ['/clusters/a/%63lusters/b/api'],
    ['/clusters/a/api/v1/namespaces/n/configmaps/x/y/z'],
    ['/clusters/a/api/v1/namespaces/n%2fm/configmaps'],
    ['/clusters/a/api/v1/namespaces/../configmaps'],
    ['/clusters/a/api/v1/namespaces#x'],
    ['http://127.0.0.1/clusters/a/api'],
    ['*'],
    [''],
  ])('%s names nothing', (url) => {
    expect(get(url)).toMatchObject({ type: 'refused' });
  });

  it('means the same workspace however a client writes the colon', () => {
    expect(get('/clusters/root%3aa/api')).toEqual(get('/clusters/root:a/api'));
  });

  it('never throws, and never lets a dot or a slash into a name', () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom('clusters', 'root', 'api', 'apis', 'v1', 'namespaces', '..', '%2e%2e', '%2f', '%5c', '%', 'watch', 'a'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'DELETE', 'BREW', '__proto__'),
        fc.array(segment, { maxLength: 10 }),
        (method, segments) => {
          const path = parseRequestPath(method, `/${segments.join('/')}`);
          if (path.type === 'refused') return;
          const names = path.type === 'resource' ? [path.namespace, path.name, path.resource, path.group] : path.segments;
          for (const name of [...names, path.workspace ?? '']) expect(name).not.toMatch(/^\.\.?$|[/\\]/);
        },
      ),
    );
  });

  it.each([
    ['/api/clusters/root:orgs/graphql', 'root:orgs'],
    ['/api/clusters/root%3Aorgs/graphql?query=x', 'root:orgs'],
  ])('leads to a neighbour: %s', (url, workspace) => {
    expect(parseRequestPath('POST', url)).toMatchObject({
      type: 'path',
      neighbour: 'graphql',
      verb: 'get',
      path: '/api/graphql',
      workspace,
    });
  });

  it.each([
    '/api/clusters',
    '/api/clusters/root',
    '/api/clusters/Root/graphql',
    '/api/clusters/root/graphql/x',
    '/api/clusters/root/other',
  ])('leads nowhere: %s', (url) => {
    expect(get(url)).toMatchObject({ type: 'refused' });
  });
});
