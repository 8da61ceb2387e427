import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prefix, startKubeServer, widgetsPath } from './testing/kube-server.ts';

type Vector = { readonly protobuf: string; readonly json: { readonly kind: string } };

const vectors = readFileSync(new URL('../../../test/conformance/protobuf-vectors/vectors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

/** As client-go sends it: the first and the last vector of a kind are its barest and its fullest object. */
const barest = (kind: string): Buffer => bytesOf(vectors.find(({ json }) => json.kind === kind));
const fullest = (kind: string): Buffer => bytesOf(vectors.findLast(({ json }) => json.kind === kind));
const bytesOf = (vector: Vector | undefined): Buffer => Buffer.from(vector?.protobuf ?? '', 'base64');

let server: Awaited<ReturnType<typeof startKubeServer>>;

beforeEach(async () => {
  server = await startKubeServer();
});
afterEach(() => server.stop());

const send = (method: string, path: string, body: Buffer) =>
  server.send(path, { method, body, headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } });

describe('a body in protobuf', () => {
  it('creates an object of a kind that clients have compiled in, and is answered in JSON', async () => {
    const reply = await send('POST', `${prefix}/api/v1/namespaces`, barest('Namespace'));
    expect(reply.code).toBe(201);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.json).toMatchObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  });

  it('replaces one', async () => {
    await send('POST', `${prefix}/api/v1/namespaces`, barest('Namespace'));
    expect((await send('PUT', `${prefix}/api/v1/namespaces/a`, barest('Namespace'))).code).toBe(200);
  });

  it('asks what one may do', async () => {
    const path = `${prefix}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`;
    const reply = await send('POST', path, barest('SelfSubjectAccessReview'));
    expect(reply.code).toBe(201);
    expect(reply.json).toMatchObject({ spec: { resourceAttributes: { resource: 'pods', verb: 'get' } }, status: { allowed: true } });
  });

  it('says how to delete, whatever the kind', async () => {
    const body = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } });
    await server.send(widgetsPath, { method: 'POST', body });
    const reply = await send('DELETE', `${widgetsPath}/w`, fullest('DeleteOptions'));
    expect(reply.code).toBe(422);
    expect(reply.json['message']).toContain('orphanDependents and deletionPropagation cannot be both set');
    expect((await send('DELETE', `${widgetsPath}/w`, barest('DeleteOptions'))).code).toBe(200);
  });

  it('is refused for a custom resource', async () => {
    expect(await send('POST', widgetsPath, barest('Namespace'))).toMatchObject({ code: 415, json: { reason: 'UnsupportedMediaType' } });
  });

  it('is refused where it cannot be read, or is of another kind', async () => {
    const cut = barest('Namespace').subarray(0, 20);
    expect(await send('POST', `${prefix}/api/v1/namespaces`, cut)).toMatchObject({ code: 400, json: { reason: 'BadRequest' } });
    const path = `${prefix}/api/v1/namespaces/a`;
    expect(await send('DELETE', path, Buffer.from('k8s\0\xff', 'latin1'))).toMatchObject({ code: 400, json: { reason: 'BadRequest' } });
  });
});
