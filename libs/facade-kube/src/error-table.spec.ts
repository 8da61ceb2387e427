import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer, widgetsPath as widgets, type Sent } from './testing/kube-server.ts';

// Every code and reason that clients branch on, by one request that draws it. The messages are the contract's.

let server: Awaited<ReturnType<typeof startKubeServer>>;
const json = { 'content-type': 'application/json' };
const widget = (name: string, more: object = {}) =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...more }, spec: {} });
const ann = { authorization: 'Bearer ann-token-of-this-spec' };

beforeAll(async () => {
  server = await startKubeServer({ watchesMax: 1 });
  await server.send(widgets, { method: 'POST', headers: json, body: widget('a') });
});
afterAll(() => server.stop());

type Row = readonly [
  code: number,
  reason: string | undefined,
  message: string | RegExp,
  path: string,
  sent?: Sent,
  meanwhile?: () => () => void,
];

const outage = (failure: Error) => () => {
  server.workspaces.acme.outage = failure;
  return () => void (server.workspaces.acme.outage = undefined);
};
const forgotten = () => {
  server.workspaces.acme.oldest = 2n;
  return () => void (server.workspaces.acme.oldest = 1n);
};
const operations = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ op: 'remove', path: '/spec/x' })));
const patch = (type: string, body: string): Sent => ({ method: 'PATCH', headers: { 'content-type': type }, body });

const rows: readonly Row[] = [
  [
    400,
    'BadRequest',
    /^the object provided is unrecognized \(must be of type Widget\)/,
    widgets,
    { method: 'POST', headers: json, body: '{' },
  ],
  [
    400,
    'BadRequest',
    'the API version in the data (example.com/v9) does not match the expected API version (example.com/v1)',
    widgets,
    { method: 'POST', headers: json, body: widget('b').replace('example.com/v1', 'example.com/v9') },
  ],
  [400, 'BadRequest', 'field label not supported: spec.replicas', `${widgets}?fieldSelector=spec.replicas%3D1`],
  [400, 'BadRequest', "unable to parse requirement: found '=', expected: identifier", `${widgets}?labelSelector=l%3D%3D%3Dx`],
  [400, 'BadRequest', /^invalid continue token: continue key is not valid/, `${widgets}?continue=garbage`],
  [400, 'BadRequest', 'name must be provided', widgets, { method: 'PUT', headers: json, body: widget('a') }],
  [
    400,
    'BadRequest',
    'the name of the object (b) does not match the name on the URL (a)',
    `${widgets}/a`,
    { method: 'PUT', headers: json, body: widget('b') },
  ],
  [401, 'Unauthorized', 'Unauthorized', widgets, { headers: { authorization: 'Bearer nobody-knows-this-token' } }],
  [
    403,
    'Forbidden',
    'widgets.example.com "a" is forbidden: User "ann" cannot get resource "widgets" in API group "example.com" in the namespace "default"',
    `${widgets}/a`,
    { headers: ann },
  ],
  [
    403,
    'Forbidden',
    'widgets.example.com is forbidden: User "ann" cannot list resource "widgets" in API group "example.com" at the cluster scope',
    `${prefix}/apis/example.com/v1/widgets`,
    { headers: ann },
  ],
  [403, 'Forbidden', 'forbidden: User "ann" cannot get path "/x"', `${prefix}/x`, { headers: ann }],
  [404, 'NotFound', 'widgets.example.com "x" not found', `${widgets}/x`],
  [404, 'NotFound', 'namespaces "x" not found', `${prefix}/api/v1/namespaces/x`],
  [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', `${widgets}/a/status`, { method: 'DELETE' }],
  [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', `${widgets}/a`, { method: 'OPTIONS' }],
  [406, 'NotAcceptable', /^only the following media types are accepted: /, widgets, { headers: { accept: 'text/html' } }],
  [409, 'AlreadyExists', 'widgets.example.com "a" already exists', widgets, { method: 'POST', headers: json, body: widget('a') }],
  [
    409,
    'Conflict',
    'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; please apply your changes to the latest version and try again',
    `${widgets}/a`,
    { method: 'PUT', headers: json, body: widget('a', { resourceVersion: '1' }) },
  ],
  [
    410,
    'Expired',
    'The resourceVersion for the provided list is too old.',
    `${widgets}?resourceVersion=1&resourceVersionMatch=Exact`,
    {},
    () => forgotten(),
  ],
  [
    413,
    'RequestEntityTooLarge',
    'Request entity too large: limit is 3145728',
    widgets,
    { method: 'POST', headers: json, body: 'x'.repeat(3 * 1024 * 1024 + 1) },
  ],
  [413, 'RequestEntityTooLarge', /10000/, `${widgets}/a`, patch('application/json-patch+json', operations(10_001))],
  [
    415,
    'UnsupportedMediaType',
    /^the body of the request was in an unknown format - accepted media types include: /,
    `${widgets}/a`,
    patch('application/strategic-merge-patch+json', '{}'),
  ],
  [
    422,
    'Invalid',
    'Widget.example.com "" is invalid: metadata.name: Required value: name or generateName is required',
    widgets,
    { method: 'POST', headers: json, body: widget('') },
  ],
  [
    422,
    'Invalid',
    /^CreateOptions\.meta\.k8s\.io "" is invalid: dryRun: /,
    `${widgets}?dryRun=x`,
    { method: 'POST', headers: json, body: widget('b') },
  ],
  [500, undefined, 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax', `${widgets}?resourceVersion=x`],
  [500, 'InternalError', /^Internal error occurred: /, `${widgets}/a`, {}, () => outage(new Error('a bug'))()],
  [
    503,
    'ServiceUnavailable',
    /^the log cannot take this now/,
    `${widgets}/a`,
    {},
    () => outage(Object.assign(new Error('gone'), { name: 'LogUnavailable' }))(),
  ],
  [504, 'Timeout', /^Timeout: Too large resource version: 99, current: \d+$/, `${widgets}?resourceVersion=99`],
];

describe('a request that fails', () => {
  it.each(rows.map((row) => [row[0], row[1], row[2], row] as const))('is answered %d %s: %s', async (code, reason, message, row) => {
    const [, , , path, sent, meanwhile] = row;
    const end = meanwhile?.();
    const reply = await server.send(path, sent);
    end?.();
    expect(reply.code).toBe(code);
    const { message: said, ...status } = reply.json;
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code });
    expect(status['reason']).toBe(reason);
    expect(said).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    const further: Readonly<Record<number, object>> = {
      401: { 'www-authenticate': expect.any(String) as string },
      403: { 'x-content-type-options': 'nosniff' },
      413: { connection: 'close' },
    };
    expect(reply.headers).toMatchObject(further[code] ?? {});
    const { retryAfterSeconds } = (status['details'] ?? {}) as { readonly retryAfterSeconds?: number };
    expect(reply.headers['retry-after']).toBe(retryAfterSeconds === undefined ? undefined : String(retryAfterSeconds));
  });

  it('is answered 429 where there is too much', async () => {
    const watch = await server.open(`${widgets}?watch=1`);
    expect(await server.send(`${widgets}?watch=1`)).toMatchObject({
      code: 429,
      headers: { 'retry-after': '1' },
      json: { reason: 'TooManyRequests', message: 'Too many requests, please try again later.', details: { retryAfterSeconds: 1 } },
    });
    watch.destroy();
  });

  it('is told of in the stream where it is a watch from too long ago', async () => {
    const end = forgotten();
    const reply = await server.send(`${widgets}?watch=1&resourceVersion=1`);
    end();
    expect(reply.code).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  });
});
