import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { open, prefix, startKubeServer, widgetsPath as widgets, type Reply } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
const names = (reply: Reply) =>
  (reply.json['items'] as unknown as { metadata: { namespace: string; name: string } }[]).map(
    ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
  );
const metadataOf = (reply: Reply) =>
  reply.json['metadata'] as unknown as { continue: string; remainingItemCount?: number; resourceVersion: string };
const create = (namespace: string, name: string, spec: object = {}) =>
  server.send(`${prefix}/apis/example.com/v1/namespaces/${namespace}/widgets`, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, labels: { l: name } }, spec }),
  });

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  server = await startKubeServer();
  for (const name of ['a', 'p1', 'p2', 'p3', 'p4', 'p5', 's']) await create('default', name, { color: 'red' });
  await create('other', 'q1', { color: 'blue' });
});
afterAll(() => server.stop());

describe('a list', () => {
  it('holds everything in its namespace or in all of them, in order', async () => {
    const reply = await server.send(widgets);
    expect(names(reply)).toEqual(['default/a', 'default/p1', 'default/p2', 'default/p3', 'default/p4', 'default/p5', 'default/s']);
    expect(reply.json).toMatchObject({
      kind: 'WidgetList',
      apiVersion: 'example.com/v1',
      metadata: { continue: '', resourceVersion: '9' },
    });
    expect(names(await server.send(`${prefix}/apis/example.com/v1/widgets`)).at(-1)).toBe('other/q1');
    expect((await server.send(`${prefix}/apis/example.com/v1/namespaces/none/widgets`)).json).toMatchObject({ items: [] });
    expect((await server.send(`${prefix}/api/v1/namespaces`)).json).toMatchObject({ kind: 'NamespaceList', apiVersion: 'v1', items: [] });
  });

  it.each([
    ['/widgets?labelSelector=l%20in%20(p1,q1)', ['default/p1', 'other/q1']],
    ['/namespaces/default/widgets?fieldSelector=metadata.name%3Dp1', ['default/p1']],
    ['/namespaces/default/widgets?fieldSelector=spec.color%3Dblue', []],
    ['/widgets?fieldSelector=spec.color%3Dblue', ['other/q1']],
    [
      '/namespaces/default/widgets?resourceVersion=0&limit=2',
      ['default/a', 'default/p1', 'default/p2', 'default/p3', 'default/p4', 'default/p5', 'default/s'],
    ],
    ['/namespaces/default/widgets?resourceVersion=3&resourceVersionMatch=Exact', ['default/a', 'default/p1']],
  ])('%s selects', async (path, expected) => {
    expect(names(await server.send(`${prefix}/apis/example.com/v1${path}`))).toEqual(expected);
  });

  it('comes in pages of one snapshot', async () => {
    const first = await server.send(`${widgets}?limit=2`);
    expect(names(first)).toEqual(['default/a', 'default/p1']);
    const { continue: token, remainingItemCount, resourceVersion } = metadataOf(first);
    expect(remainingItemCount).toBe(5);
    expect(JSON.parse(Buffer.from(token, 'base64url').toString())).toEqual({
      v: 'meta.k8s.io/v1',
      rv: Number(resourceVersion),
      start: 'default/p1\0',
    });
    await create('default', 'p1x');
    const second = await server.send(`${widgets}?limit=2&continue=${token}`);
    expect(names(second)).toEqual(['default/p2', 'default/p3']);
    expect(metadataOf(second)).toMatchObject({ resourceVersion, remainingItemCount: 3 });
    const rest = await server.send(`${widgets}?continue=${metadataOf(second).continue}`);
    expect(names(rest)).toEqual(['default/p4', 'default/p5', 'default/s']);
    expect(metadataOf(rest)).toEqual({ continue: '', resourceVersion });
    await server.send(`${widgets}/p1x`, { method: 'DELETE' });
    expect(metadataOf(await server.send(`${widgets}?limit=2&labelSelector=l`)).remainingItemCount).toBeUndefined();
  });

  it('says when a page can no longer be had, and how to go on', async () => {
    const token = metadataOf(await server.send(`${widgets}?limit=2`)).continue;
    server.workspaces.acme.oldest = server.workspaces.acme.position() + 1n;
    const reply = await server.send(`${widgets}?limit=2&continue=${token}`);
    server.workspaces.acme.oldest = 1n;
    expect(reply).toMatchObject({ code: 410, json: { reason: 'Expired' } });
    const inconsistent = await server.send(`${widgets}?limit=2&continue=${metadataOf(reply).continue}`);
    expect(names(inconsistent)).toEqual(['default/p2', 'default/p3']);
  });

  it.each([
    [
      'limit=2&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzgsInN0YXJ0IjoiL3AxXHUwMDAwIn0&resourceVersion=5',
      400,
      'specifying resource version is not allowed when using continue',
    ],
    [
      'limit=2&continue=x&resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided]',
    ],
    [
      'continue=garbage',
      400,
      "invalid continue token: continue key is not valid: invalid character '\\u0081' looking for beginning of value",
    ],
    ['continue=!', 400, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
    ['resourceVersion=abc', 500, 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'],
    [
      'resourceVersionMatch=NotOlderThan',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    ['labelSelector=l%3D%3D%3Dx', 400, "unable to parse requirement: found '=', expected: identifier"],
    ['fieldSelector=spec.replicas%3D1', 400, 'field label not supported: spec.replicas'],
    ['fieldSelector=metadata.labels.x%3D1', 400, 'field label not supported: metadata.labels.x'],
    [
      'sendInitialEvents=true',
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ])('?%s is refused with %d', async (query, code, message) => {
    expect(await server.send(`${widgets}?${query}`)).toMatchObject({ code, json: { status: 'Failure', message } });
  });

  it('does not wait for the future', async () => {
    const reply = await server.send(`${widgets}?resourceVersion=99999999`);
    expect(reply).toMatchObject({
      code: 504,
      headers: { 'retry-after': '1' },
      json: { reason: 'Timeout', details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    });
  });

  it('is a table, or metadata, or YAML', async () => {
    const table = await server.send(`${widgets}?limit=2`, {
      headers: {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
      },
    });
    expect(table.json).toMatchObject({
      kind: 'Table',
      metadata: { remainingItemCount: 5 },
      rows: [{ cells: ['a', 'red', null, null, expect.any(String)] }, { cells: ['p1', 'red', null, null, expect.any(String)] }],
    });
    const whole = await server.send(`${widgets}?includeObject=Object&limit=1`, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(whole.json).toMatchObject({ rows: [{ object: { kind: 'Widget', spec: { color: 'red' } } }] });
    const metadata = await server.send(widgets, {
      headers: {
        accept:
          'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      },
    });
    expect(metadata.json).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect((metadata.json['items'] as unknown as object[])[0]).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: expect.objectContaining({ name: 'a' }) as unknown,
    });
    const yaml = await server.send(`${widgets}?limit=1`, { headers: { accept: 'application/yaml' } });
    expect(yaml.text).toMatch(
      /^apiVersion: example.com\/v1\nkind: WidgetList\nmetadata:\n(.*\n)*items:\n- apiVersion: example.com\/v1\n {2}kind: Widget\n/,
    );
    expect(
      (await server.send(`${widgets}?includeObject=All`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).code,
    ).toBe(400);
    expect((await server.send(widgets, { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } })).code).toBe(
      406,
    );
  });

  it('may be deleted as far as it is selected', async () => {
    for (const name of ['x1', 'x2', 'x3']) await create('bin', name);
    const bin = `${prefix}/apis/example.com/v1/namespaces/bin/widgets`;
    expect(names(await server.send(`${bin}?labelSelector=l%3Dx3&dryRun=All`, { method: 'DELETE' }))).toEqual(['bin/x3']);
    const reply = await server.send(`${bin}?labelSelector=l%20in%20(x1,x2)`, { method: 'DELETE' });
    expect(reply.json).toMatchObject({ kind: 'WidgetList', metadata: { continue: '' } });
    expect(names(reply)).toEqual(['bin/x1', 'bin/x2']);
    expect(names(await server.send(bin))).toEqual(['bin/x3']);
    expect(await server.send(`${prefix}/apis/example.com/v1/widgets`, { method: 'DELETE' })).toMatchObject({
      code: 404,
      text: '404 page not found\n',
    });
    await server.send(bin, { method: 'DELETE' });
  });
});

describe('a long list', () => {
  const many = 5_000;
  const long = `${prefix}/apis/example.com/v1/namespaces/long/widgets`;
  beforeAll(async () => {
    const { acme } = server.workspaces;
    const [, widget] = acme.served();
    for (let index = 0; index < many; index += 1)
      await acme.create({
        kind: widget!,
        version: 'v1',
        namespace: 'long',
        author: { user: '', groups: [], userAgent: '', fieldManager: '', cause: '' },
        dryRun: false,
        fieldValidation: 'Warn',
        duplicateFields: [],
        body: {
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          metadata: { name: `n${String(index).padStart(5, '0')}` },
          spec: { text: 'é'.repeat(200) },
        },
      });
  });

  it('arrives whole, in pieces', async () => {
    const reply = await server.send(long);
    expect(reply.headers['transfer-encoding']).toBe('chunked');
    expect(names(reply)).toHaveLength(many);
    expect((await server.send(long, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).json['rows']).toHaveLength(
      many,
    );
    const yaml = await server.send(long, { headers: { accept: 'application/yaml' } });
    expect(yaml.text.match(/^- apiVersion/gm)).toHaveLength(many);
    expect((await server.send(long, { method: 'HEAD' })).text).toBe('');
  });

  it('is compressed for whoever takes it', async () => {
    const response = await open(server.port, long, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers['content-encoding']).toBe('gzip');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect((JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()) as { items: unknown[] }).items).toHaveLength(many);
  });

  it('lets a slow reader wait without holding all of it, and forgets one that leaves', async () => {
    const response = await open(server.port, long);
    response.pause();
    expect((await server.send(`${long}/n00000`)).code).toBe(200);
    response.destroy();
    expect((await server.send(`${long}/n00001`)).code).toBe(200);
  });
});
