import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, requestsTo, statusOf, widget } from './testing/golden-requests.ts';
import { prefix, startKubeServer, widgetsPath as widgets, type KubeServer } from './testing/kube-server.ts';

// Requests that were put to an upstream server, and what it answered, as far as the answer is this facade's.

let server: KubeServer;
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const { send, post } = requestsTo(() => server);

describe('create', () => {
  it('answers 201 and the object, with warnings as headers', async () => {
    const reply = await post(
      widgets,
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"color":"red","color":"blue"}}',
    );
    expect(reply.code).toBe(201);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers['cache-control']).toBe('no-cache, private');
    expect(reply.headers['warning']).toBe('299 - "duplicate field \\"spec.color\\""');
    expect(reply.json).toMatchObject({ kind: 'Widget', metadata: { name: 'a', resourceVersion: '2' }, spec: { color: 'blue' } });
    expect(
      await post(
        `${widgets}?fieldValidation=Ignore&dryRun=All`,
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"b"},"spec":{"color":"red","color":"blue"}}',
      ),
    ).toMatchObject({ code: 201 });
  });

  it.each([
    [
      '?fieldValidation=Strict',
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"b"},"spec":{"color":"red","color":"blue"}}',
      400,
      {
        status: 'Failure',
        reason: 'BadRequest',
        message: 'Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.color"',
      },
    ],
    [
      '',
      '{bad',
      400,
      {
        status: 'Failure',
        reason: 'BadRequest',
        message:
          "the object provided is unrecognized (must be of type Widget): couldn't get version/kind; json parse error: invalid character 'b' looking for beginning of object key string ({bad)",
      },
    ],
    [
      '',
      '{"apiVersion":"example.com/v2","kind":"Widget","metadata":{"name":"c"},"spec":{}}',
      400,
      {
        status: 'Failure',
        reason: 'BadRequest',
        message: 'the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)',
      },
    ],
    [
      '',
      JSON.stringify(widget('a')),
      409,
      {
        status: 'Failure',
        reason: 'AlreadyExists',
        message: 'widgets.example.com "a" already exists',
        details: { name: 'a', group: 'example.com', kind: 'widgets' },
      },
    ],
    [
      '',
      JSON.stringify(widget('')),
      422,
      {
        status: 'Failure',
        reason: 'Invalid',
        message: 'Widget.example.com "" is invalid: metadata.name: Required value: name or generateName is required',
        details: {
          group: 'example.com',
          kind: 'Widget',
          causes: [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }],
        },
      },
    ],
    [
      '?dryRun=Foo',
      JSON.stringify(widget('c')),
      422,
      {
        status: 'Failure',
        reason: 'Invalid',
        message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Foo"}: supported values: "All"',
        details: {
          group: 'meta.k8s.io',
          kind: 'CreateOptions',
          causes: [
            { reason: 'FieldValueNotSupported', message: 'Unsupported value: []string{"Foo"}: supported values: "All"', field: 'dryRun' },
          ],
        },
      },
    ],
    [
      `?fieldManager=${'x'.repeat(129)}`,
      JSON.stringify(widget('c')),
      422,
      {
        status: 'Failure',
        reason: 'Invalid',
        message: 'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
        details: {
          group: 'meta.k8s.io',
          kind: 'CreateOptions',
          causes: [{ reason: 'FieldValueTooLong', message: 'Too long: may not be more than 128 bytes', field: 'fieldManager' }],
        },
      },
    ],
    [
      '/p3',
      '{}',
      400,
      {
        status: 'Failure',
        reason: 'BadRequest',
        message: "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{}' ({})",
      },
    ],
    ['/p3', JSON.stringify(widget('p3')), 400, { reason: 'BadRequest' }],
    [
      '?fieldValidation=No',
      JSON.stringify(widget('c')),
      422,
      {
        message:
          'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "No": supported values: "", "Ignore", "Strict", "Warn"',
      },
    ],
    [
      '?fieldManager=a%07',
      JSON.stringify(widget('c')),
      422,
      {
        message:
          'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1)',
      },
    ],
    [
      '',
      '',
      400,
      {
        message:
          "the object provided is unrecognized (must be of type Widget): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
      },
    ],
    ['', '[1]', 400, { reason: 'BadRequest' }],
    ['', 'null', 400, { reason: 'BadRequest' }],
    [
      '',
      '{"kind":"Widget","apiVersion":"example.com/v1","metadata":3}',
      400,
      {
        message:
          'Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field .metadata of type v1.ObjectMeta',
      },
    ],
    [
      '',
      '{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"c","labels":{"__proto__":"x"}}}',
      400,
      { message: expect.stringContaining('field "metadata.labels.__proto__" is not allowed') as string },
    ],
    ['', `{"kind":"Widget","spec":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 400, { reason: 'BadRequest' }],
  ])('%s %s is answered %d', async (query, body, code, status) => {
    const reply = await post(`${widgets}${query}`, body);
    expect(reply.code).toBe(code);
    expect(statusOf(reply)).toMatchObject(status);
    expect(reply.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, code });
  });

  it('reads JSON and YAML, and says so to anything else', async () => {
    expect(
      await post(`${widgets}?dryRun=All`, 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: y}\n', {
        'content-type': 'application/yaml',
      }),
    ).toMatchObject({ code: 201 });
    expect(await post(`${widgets}?dryRun=All`, JSON.stringify(widget('y')), {})).toMatchObject({ code: 201 });
    for (const type of ['text/plain', 'application/vnd.kubernetes.protobuf']) {
      const reply = await post(widgets, 'x', { 'content-type': type });
      expect(reply.code).toBe(415);
      expect(statusOf(reply)).toEqual({
        status: 'Failure',
        reason: 'UnsupportedMediaType',
        message:
          'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      });
    }
  });

  it('refuses more than three MiB', async () => {
    const reply = await post(widgets, JSON.stringify(widget('big', { spec: { x: 'x'.repeat(3 * 1024 * 1024) } })));
    expect(reply).toMatchObject({
      code: 413,
      headers: { connection: 'close' },
      json: { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' },
    });
  });

  it('tells the workspace who writes, by which manager, under which Audit-Id', async () => {
    const reply = await send(`${widgets}?dryRun=All`, {
      method: 'POST',
      headers: { ...json, 'audit-id': 'abc-1', 'user-agent': 'kubectl/v1.33' },
      body: JSON.stringify(widget('z')),
    });
    expect(reply.headers['audit-id']).toBe('abc-1');
    const other = await send(widgets, { headers: { 'audit-id': 'a b"c' } });
    expect(other.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('get', () => {
  it.each([
    [
      '/nope',
      {},
      404,
      {
        reason: 'NotFound',
        message: 'widgets.example.com "nope" not found',
        details: { name: 'nope', group: 'example.com', kind: 'widgets' },
      },
    ],
    [
      '/a',
      { accept: 'application/vnd.kubernetes.protobuf' },
      406,
      {
        reason: 'NotAcceptable',
        message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      },
    ],
    ['/a', { accept: 'text/html' }, 406, { reason: 'NotAcceptable' }],
    [
      '/a/nosub',
      {},
      404,
      { reason: 'NotFound', message: 'widgets.example.com "a" not found', details: { name: 'a', group: 'example.com', kind: 'widgets' } },
    ],
    [
      '/a?resourceVersion=99999999',
      {},
      504,
      {
        reason: 'Timeout',
        message: expect.stringMatching(/^Timeout: Too large resource version: 99999999, current: \d+$/) as string,
        details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
      },
    ],
  ])('%s with %j is answered %d', async (path, headers, code, status) => {
    const reply = await send(`${widgets}${path}`, { headers });
    expect(reply.code).toBe(code);
    expect(statusOf(reply)).toMatchObject({ status: 'Failure', ...status });
    if (code === 504) expect(reply.headers['retry-after']).toBe('1');
  });

  it.each([
    ['/apis/example.com/v1/nosuch'],
    ['/apis/nosuch/v1/x'],
    ['/apis/example.com/v1/widgets/a'],
    ['/apis/example.com/v1alpha1/namespaces/default/widgets'],
    ['/api/v1/namespaces/x/namespaces'],
    ['/nope'],
    ['/apis/nosuch'],
    ['/api/v2'],
  ])('%s is no page', async (path) => {
    const reply = await send(`${prefix}${path}`);
    expect(reply).toMatchObject({ code: 404, text: '404 page not found\n' });
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('shows the object as it is kept, as a table, as its metadata, as YAML', async () => {
    const whole = await send(`${widgets}/a`);
    expect(whole.json).toMatchObject({ kind: 'Widget', metadata: { name: 'a' } });
    expect((await send(`${widgets}/a/status`)).text).toBe(whole.text);
    const table = await send(`${widgets}/a`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    expect(table.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '2' },
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name', priority: 0 },
        {
          name: 'Color',
          type: 'string',
          format: '',
          description: 'Custom resource definition column (in JSONPath format): .spec.color',
          priority: 0,
        },
        { name: 'Replicas', type: 'integer' },
        { name: 'Ready', type: 'boolean', priority: 1 },
        { name: 'Age', type: 'date' },
      ],
      rows: [
        {
          cells: ['a', 'blue', null, null, expect.stringMatching(/^\d+s$/) as string],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } },
        },
      ],
    });
    const partial = await send(`${widgets}/a`, { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } });
    expect(partial.json).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: (whole.json as { metadata: unknown }).metadata,
    });
    const yaml = await send(`${widgets}/a`, { headers: { accept: 'application/yaml' } });
    expect(yaml.headers['content-type']).toBe('application/yaml');
    expect(yaml.text).toMatch(
      /^apiVersion: example.com\/v1\nkind: Widget\nmetadata:\n {2}creationTimestamp: "20\d\d-[^"]+Z"\n {2}generation: 1\n {2}name: a\n {2}namespace: default\n {2}resourceVersion: "2"\n/,
    );
  });

  it('indents for curl and on request', async () => {
    expect((await send(`${widgets}/a`, { headers: { 'user-agent': 'curl/8.0' } })).text).toMatch(/^\{\n {2}"apiVersion"/);
    expect((await send(`${widgets}/a?pretty=true`)).text).toMatch(/^\{\n {2}"/);
    expect((await send(`${widgets}/a?pretty=0`, { headers: { 'user-agent': 'curl/8.0' } })).text).toMatch(/^\{"/);
  });

  it('answers HEAD like GET, without the body', async () => {
    expect(await send(`${widgets}/a`, { method: 'HEAD' })).toMatchObject({ code: 200, text: '' });
  });

  it('warns of a version on its way out', async () => {
    const reply = await send(`${widgets.replace('/v1/namespaces', '/v1beta1/namespaces')}/a`);
    expect(reply.headers['warning']).toBe('299 - "example.com/v1beta1 Widget is deprecated"');
  });
});
