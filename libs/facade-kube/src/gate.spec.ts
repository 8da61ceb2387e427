import { connect } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownsPath } from './owns-path.ts';
import { prefix, startKubeServer, widgetsPath as widgets } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const ann = { authorization: 'Bearer ann-token-of-this-spec' };
const nobody = { authorization: [] as string[] };
const review = (path: string, kind: string, spec: object, headers: Record<string, string> = {}) => {
  const group = kind === 'SelfSubjectReview' ? 'authentication.k8s.io' : 'authorization.k8s.io';
  return server.send(`${path}/apis/${group}/v1/${kind.toLowerCase()}s`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ kind, apiVersion: `${group}/v1`, spec }),
  });
};

/** Sends a request as written, and answers its first line and its headers. */
async function raw(text: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString();
}

describe('whoever is not known', () => {
  it('is told to say who they are', async () => {
    for (const headers of [nobody, { authorization: 'Bearer wrong' }]) {
      const reply = await server.send(widgets, { headers });
      expect(reply).toMatchObject({
        code: 401,
        headers: { 'www-authenticate': 'Bearer realm="tributary"' },
        json: { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized', code: 401 },
      });
    }
  });

  it('sees version and health, everywhere alike', async () => {
    for (const path of ['/version', '/livez', '/readyz', '/healthz', `${prefix}/version`, '/clusters/root:nope/readyz'])
      expect((await server.send(path, { headers: nobody })).code).toBe(200);
  });

  it('may not say it twice', async () => {
    const reply = await raw(
      `GET ${widgets} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token-of-this-spec\r\nAuthorization: Bearer ann-token-of-this-spec\r\n\r\n`,
    );
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('whoever may not', () => {
  it.each([
    [
      'GET',
      `${widgets}/a`,
      'widgets.example.com "a" is forbidden: User "ann" cannot get resource "widgets" in API group "example.com" in the namespace "default"',
    ],
    [
      'GET',
      `${widgets}/a/status`,
      'widgets.example.com "a" is forbidden: User "ann" cannot get resource "widgets/status" in API group "example.com" in the namespace "default"',
    ],
    [
      'GET',
      `${prefix}/apis/example.com/v1/widgets?watch=1`,
      'widgets.example.com is forbidden: User "ann" cannot watch resource "widgets" in API group "example.com" at the cluster scope',
    ],
    [
      'GET',
      `${widgets}?fieldSelector=metadata.name%3Da`,
      'widgets.example.com "a" is forbidden: User "ann" cannot list resource "widgets" in API group "example.com" in the namespace "default"',
    ],
    [
      'GET',
      `${prefix}/api/v1/namespaces/x`,
      'namespaces "x" is forbidden: User "ann" cannot get resource "namespaces" in API group "" in the namespace "x"',
    ],
    [
      'DELETE',
      widgets,
      'widgets.example.com is forbidden: User "ann" cannot deletecollection resource "widgets" in API group "example.com" in the namespace "default"',
    ],
    ['GET', `${prefix}/apis`, 'forbidden: User "ann" cannot get path "/apis"'],
    ['GET', '/apis', 'forbidden: User "ann" cannot get path "/apis"'],
    ['POST', `${prefix}/version`, 'forbidden: User "ann" cannot create path "/version"'],
  ])('%s %s is told so', async (method, path, message) => {
    const reply = await server.send(path, { method, headers: ann });
    expect(reply).toMatchObject({ code: 403, headers: { 'x-content-type-options': 'nosniff' }, json: { reason: 'Forbidden', message } });
  });

  it('learns nothing of which workspaces there are', async () => {
    const there = await server.send(`${widgets}/a`, { headers: ann });
    const notThere = await server.send(`${widgets.replace('acme', 'nope')}/a`, { headers: ann });
    expect(notThere.text).toBe(there.text);
    expect(await server.send(widgets.replace('acme', 'nope'))).toMatchObject({
      code: 404,
      json: { reason: 'NotFound', message: 'workspace "root:nope" not found' },
    });
  });

  it('cannot become someone by a header', async () => {
    for (const name of ['X-Remote-User', 'X-Remote-Group', 'X-Forwarded-User'])
      expect((await server.send(widgets, { headers: { ...ann, [name]: 'system:masters' } })).code).toBe(403);
  });

  it.each([
    ['/clusters/root:acme/../root:acme/apis'],
    ['/clusters/root:nope/%2e%2e/root:acme/version'],
    ['/clusters/root:nope%2f..%2froot:acme/version'],
    ['/clusters//version'],
    ['/clusters/a/clusters/root:acme/version'],
    ['/version/../clusters/root:acme/api'],
    ['/clusters/root:nope/..\\root:acme/version'],
  ])('%s leads nowhere', async (path) => {
    expect(await server.send(path, { headers: ann })).toMatchObject({ code: 403 });
    expect(await server.send(path)).toMatchObject({ code: 404, text: '404 page not found\n' });
  });
});

describe('reviews of oneself', () => {
  it.each([[''], [prefix], ['/clusters/root:nope']])('are answered at "%s"', async (path) => {
    expect(await review(path, 'SelfSubjectReview', {}, ann)).toMatchObject({
      code: 201,
      json: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        status: { userInfo: { username: 'ann', groups: ['team', 'system:authenticated'] } },
      },
    });
    const asked = { resourceAttributes: { verb: 'get', group: 'example.com', resource: 'widgets', namespace: 'default' } };
    expect(await review(path, 'SelfSubjectAccessReview', asked, ann)).toMatchObject({
      code: 201,
      json: { spec: asked, status: { allowed: false } },
    });
    expect(await review(path, 'SelfSubjectAccessReview', asked)).toMatchObject({ code: 201, json: { status: { allowed: true } } });
    expect((await review(path, 'SelfSubjectRulesReview', { namespace: 'default' })).json['status']).toMatchObject({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      incomplete: false,
    });
    expect((await review(path, 'SelfSubjectRulesReview', { namespace: 'default' }, ann)).json['status']).toMatchObject({
      resourceRules: [{ resources: ['selfsubjectreviews'] }, { resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }],
    });
  });

  it('read YAML, check what they are sent, and need somebody to ask', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const yaml =
      'apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {nonResourceAttributes: {verb: get, path: /version}}\n';
    expect(await server.send(path, { method: 'POST', headers: { ...ann, 'content-type': 'application/yaml' }, body: yaml })).toMatchObject({
      code: 201,
      json: { status: { allowed: true } },
    });
    expect(await server.send(path, { method: 'POST', headers: ann, body: '{' })).toMatchObject({ code: 400 });
    expect(await server.send(path, { method: 'POST', headers: nobody, body: '{}' })).toMatchObject({ code: 401 });
    expect(await server.send(path, {})).toMatchObject({ code: 405 });
    expect(await review('', 'SelfSubjectAccessReview', {}, ann)).toMatchObject({ code: 422, json: { reason: 'Invalid' } });
  });
});

describe('version and health', () => {
  it('tell which Kubernetes is spoken', async () => {
    const { json } = await server.send('/version');
    expect(json).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.0+tributary-0.1.0' });
  });

  it('name what is wrong', async () => {
    expect(await server.send('/readyz')).toMatchObject({ code: 200, text: 'ok' });
    expect((await server.send('/readyz?verbose')).text).toBe('[+]ping ok\n[+]log ok\nreadyz check passed\n');
    server.checks.push({ name: 'kafka', healthy: false, required: false, message: 'no broker answers' });
    expect(await server.send('/readyz')).toMatchObject({ code: 200, text: 'ok' });
    expect((await server.send('/readyz?verbose')).text).toContain('[-]kafka failed: no broker answers (requests are served)');
    server.checks[0] = { name: 'log', healthy: false, required: true };
    expect(await server.send('/readyz')).toMatchObject({
      code: 500,
      text: '[+]ping ok\n[-]log failed: reason withheld\n[-]kafka failed: no broker answers (requests are served)\nreadyz check failed\n',
    });
    expect(await server.send('/readyz?exclude=log')).toMatchObject({ code: 200 });
    expect(await server.send('/readyz/log')).toMatchObject({ code: 500 });
    expect(await server.send('/livez/ping')).toMatchObject({ code: 200 });
    expect(await server.send('/livez')).toMatchObject({ code: 200 });
    expect(await server.send('/readyz/nope')).toMatchObject({ code: 404 });
    server.checks.splice(0, 2, { name: 'log', healthy: true, required: true });
  });
});

describe('an outage', () => {
  it('is told as one, and does not leak', async () => {
    const { acme } = server.workspaces;
    acme.outage = Object.assign(new Error('disk /secret/path is full'), { name: 'LogUnavailable' });
    const unavailable = await server.send(`${widgets}/a`);
    expect(unavailable).toMatchObject({ code: 503, json: { reason: 'ServiceUnavailable' } });
    acme.outage = new Error('a bug at /secret/path');
    const fault = await server.send(`${widgets}/a`);
    acme.outage = undefined;
    expect(fault).toMatchObject({ code: 500, json: { reason: 'InternalError' } });
    expect(unavailable.text + fault.text).not.toContain('secret');
  });
});

describe('ownsPath', () => {
  it.each([
    ['/clusters/root/api'],
    ['/clusters/../x'],
    ['/version'],
    ['/livez?verbose'],
    ['/readyz/log'],
    ['/api'],
    ['/apis/x'],
    ['/openapi/v3'],
  ])('claims %s', (url) => expect(ownsPath(url)).toBe(true));
  it.each([['/'], ['/metrics'], ['/graphql'], ['/versions'], ['/apix'], ['//clusters/x']])('leaves %s', (url) =>
    expect(ownsPath(url)).toBe(false),
  );
});

describe('anything at all', () => {
  const word = fc.constantFrom(
    'clusters',
    'root:acme',
    'root:nope',
    'api',
    'apis',
    'v1',
    'example.com',
    'namespaces',
    'default',
    'widgets',
    'status',
    'a',
    '%2e%2e',
    '..',
    '',
    '%',
    'watch',
    'openapi',
    'v3',
    'v2',
  );
  const query = fc.constantFrom(
    '',
    '?limit=1',
    '?limit=-1',
    '?continue=e30',
    '?labelSelector=a%20in',
    '?fieldSelector=%5C',
    '?dryRun=All',
    '?dryRun',
    '?resourceVersion=1',
    '?resourceVersion=-1',
    '?pretty',
    '?hash=x',
    '?__proto__=1',
    '?%ff=%ff',
  );
  const body = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"fuzz"}}',
      '{"kind":"Widget","metadata":{"labels":[]}}',
      '[{"op":"add","path":"/a","value":1}]',
    ),
  );
  const type = fc.constantFrom(
    'application/json',
    'application/yaml',
    'application/merge-patch+json',
    'application/json-patch+json',
    'text/html',
    ';',
  );
  const accept = fc.constantFrom(
    '',
    '*/*',
    'application/yaml',
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    ';;=,',
  );

  it('is answered, and never with a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
        fc.array(word, { maxLength: 9 }),
        query,
        body,
        type,
        accept,
        async (method, words, search, text, contentType, accepted) => {
          const start = words.length % 2 === 0 ? `${prefix}/apis/example.com/v1/namespaces/default/widgets` : '/clusters/root:acme';
          const path = words.length % 3 === 0 ? `/${words.join('/')}` : `${start}/${words.join('/')}`;
          if (/(^|\/)watch(\/|$)/.test(path)) return;
          const carries = method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
          const reply = await server.send(`${path}${search}`, {
            method,
            headers: { 'content-type': contentType, accept: accepted },
            ...(carries ? { body: text } : {}),
          });
          if (reply.code !== 500) expect(reply.code).toBeLessThan(500);
          // An answer to HEAD has no body.
          else if (method !== 'HEAD')
            expect(reply.json).toMatchObject({ message: expect.stringContaining('resourceVersion: Invalid value') as string });
          expect(reply.headers['audit-id']).toBeDefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});
