import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, requestsTo, statusOf, widget } from './testing/golden-requests.ts';
import { prefix, startKubeServer, widgetsPath as widgets, type KubeServer } from './testing/kube-server.ts';

// Requests that were put to an upstream server, and what it answered, as far as the answer is this facade's.

let server: KubeServer;
beforeAll(async () => {
  server = await startKubeServer();
  await post(widgets, widget('a', { spec: { color: 'blue' } }));
});
afterAll(() => server.stop());

const merge = { 'content-type': 'application/merge-patch+json' };
const { send, post } = requestsTo(() => server);

describe('patch and update', () => {
  const patch = (path: string, body: string, headers: Record<string, string>) =>
    send(`${widgets}${path}`, { method: 'PATCH', headers, body });
  const put = (path: string, body: unknown) => send(`${widgets}${path}`, { method: 'PUT', headers: json, body: JSON.stringify(body) });

  it.each([
    [
      '/a?fieldManager=m1&force=true',
      '{}',
      merge,
      422,
      { reason: 'Invalid', message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch' },
    ],
    ['/a', '{}', { 'content-type': 'application/strategic-merge-patch+json' }, 415, { reason: 'UnsupportedMediaType' }],
    ['/a', '{}', json, 415, { reason: 'UnsupportedMediaType' }],
    [
      '/a',
      '[{"op":"test","path":"/metadata/resourceVersion","value":"1"}]',
      { 'content-type': 'application/json-patch+json' },
      422,
      { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
    ],
    [
      '/a',
      '[{"op":"remove","path":"/spec/nope"}]',
      { 'content-type': 'application/json-patch+json' },
      422,
      { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
    ],
    [
      '/a',
      '{"a":1}',
      { 'content-type': 'application/json-patch+json' },
      400,
      { reason: 'BadRequest', message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp' },
    ],
    [
      '/a',
      '[1]',
      merge,
      400,
      { reason: 'BadRequest', message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}' },
    ],
    [
      '/a',
      '{bad',
      merge,
      400,
      { reason: 'BadRequest', message: "error decoding patch: invalid character 'b' looking for beginning of object key string" },
    ],
    [
      '/a',
      JSON.stringify(Array(10_001).fill({ op: 'test', path: '/kind', value: 'Widget' })),
      { 'content-type': 'application/json-patch+json' },
      413,
      { message: 'The allowed maximum operations in a JSON patch is 10000, got 10001' },
    ],
    ['/nope', '{}', merge, 404, { reason: 'NotFound', message: 'widgets.example.com "nope" not found' }],
  ])('PATCH %s %.60s is answered', async (path, body, headers, code, status) => {
    const reply = await patch(path, body, headers as Record<string, string>);
    expect(reply.code).toBe(code);
    expect(statusOf(reply)).toMatchObject({ status: 'Failure', ...status });
  });

  it('PATCH and PUT answer the object', async () => {
    expect(await patch('/a', '{"spec":{"size":"L"}}', merge)).toMatchObject({ code: 200, json: { spec: { color: 'blue', size: 'L' } } });
    expect(
      await patch('/a', '[{"op":"add","path":"/spec/tags","value":["x"]}]', { 'content-type': 'application/json-patch+json' }),
    ).toMatchObject({ code: 200, json: { spec: { tags: ['x'] } } });
    expect(await patch('/a/status', '{"status":{"ready":true}}', merge)).toMatchObject({ code: 200, json: { status: { ready: true } } });
    expect(await put('/a', widget('a', { spec: { color: 'green' } }))).toMatchObject({ code: 200, json: { spec: { color: 'green' } } });
    expect(await put('/a/status', widget('a', { status: { ready: false } }))).toMatchObject({
      code: 200,
      json: { spec: { color: 'green' }, status: { ready: false } },
    });
  });

  it.each([
    [
      '/a',
      { ...widget('a'), metadata: { name: 'a', resourceVersion: '1' } },
      409,
      {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'a', group: 'example.com', kind: 'widgets' },
      },
    ],
    ['/nonexist', widget('nonexist'), 404, { reason: 'NotFound', message: 'widgets.example.com "nonexist" not found' }],
    ['', {}, 400, { reason: 'BadRequest', message: 'name must be provided' }],
  ])('PUT %s is refused', async (path, body, code, status) => {
    const reply = await put(path, body);
    expect(reply.code).toBe(code);
    expect(statusOf(reply)).toMatchObject(status);
  });

  it('says which methods there are not', async () => {
    for (const [method, path] of [
      ['POST', `${widgets}/a/status`],
      ['DELETE', `${widgets}/a/status`],
      ['DELETE', `${prefix}/api/v1/namespaces`],
      ['OPTIONS', widgets],
      ['POST', `${prefix}/apis`],
    ] as const) {
      const reply = await send(path, { method, headers: json, body: '{}' });
      expect(reply).toMatchObject({
        code: 405,
        json: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
      });
    }
  });
});

describe('delete', () => {
  beforeEach(async () => {
    await post(widgets, widget('d5'));
  });
  const remove = (query = '', body?: unknown) =>
    send(`${widgets}/d5${query}`, { method: 'DELETE', headers: json, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const success = {
    code: 200,
    json: {
      kind: 'Status',
      status: 'Success',
      details: { name: 'd5', group: 'example.com', kind: 'widgets', uid: expect.any(String) as string },
    },
  };

  it('answers Success and the uid', async () => {
    expect(await remove('?dryRun=All')).toMatchObject(success);
    expect(await remove('', { dryRun: ['All'] })).toMatchObject(success);
    expect(
      await remove('', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 30, propagationPolicy: 'Background' }),
    ).toMatchObject(success);
    expect(await remove()).toMatchObject({ code: 404, json: { reason: 'NotFound', message: 'widgets.example.com "d5" not found' } });
  });

  it('answers the object while finalizers hold it', async () => {
    await post(widgets, { ...widget('d2'), metadata: { name: 'd2', finalizers: ['x.io/f'] } });
    expect(await send(`${widgets}/d2`, { method: 'DELETE' })).toMatchObject({
      code: 200,
      json: { kind: 'Widget', metadata: { name: 'd2' } },
    });
  });

  it.each([
    [
      '?propagationPolicy=Bogus',
      undefined,
      422,
      {
        reason: 'Invalid',
        message:
          'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bogus": supported values: "Foreground", "Background", "Orphan", "nil"',
        details: {
          group: 'meta.k8s.io',
          kind: 'DeleteOptions',
          causes: [
            {
              reason: 'FieldValueNotSupported',
              message: 'Unsupported value: "Bogus": supported values: "Foreground", "Background", "Orphan", "nil"',
              field: 'propagationPolicy',
            },
          ],
        },
      },
    ],
    [
      '',
      { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } },
      409,
      {
        reason: 'Conflict',
        message: expect.stringMatching(
          /^Operation cannot be fulfilled on Widget\.example\.com "d5": the UID in the precondition \(00000000-0000-0000-0000-000000000000\) does not match the UID in record \(.+\)\. The object might have been deleted and then recreated$/,
        ) as string,
        details: { name: 'd5', group: 'example.com', kind: 'Widget' },
      },
    ],
    [
      '',
      { orphanDependents: true, propagationPolicy: 'Orphan' },
      422,
      {
        message:
          'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
      },
    ],
    [
      '',
      { dryRun: ['Foo'] },
      422,
      { message: 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Foo"}: supported values: "All"' },
    ],
    ['', { dryRun: 'All' }, 400, { reason: 'BadRequest' }],
    ['', { propagationPolicy: 1 }, 400, { reason: 'BadRequest' }],
    ['', { preconditions: 'x' }, 400, { reason: 'BadRequest' }],
    ['', { kind: 'Widget' }, 400, { reason: 'BadRequest' }],
    ['', [], 400, { reason: 'BadRequest' }],
  ])('%s %j is refused', async (query, body, code, status) => {
    const reply = await remove(query, body);
    expect(reply.code).toBe(code);
    expect(statusOf(reply)).toMatchObject(status);
  });
});
