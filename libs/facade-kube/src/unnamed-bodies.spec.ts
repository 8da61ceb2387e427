import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer, widgetsPath } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const send = (method: string, path: string, body: object) => server.send(path, { method, body: JSON.stringify(body) });

describe('a body that does not say its kind', () => {
  it('is taken for the endpoint’s own where clients have it compiled in', async () => {
    expect(await send('POST', `${prefix}/api/v1/namespaces`, { metadata: { name: 'unnamed' } })).toMatchObject({
      code: 201,
      json: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'unnamed' } },
    });
    const renamed = { kind: '', apiVersion: null, metadata: { name: 'unnamed', labels: { a: 'b' } } };
    expect(await send('PUT', `${prefix}/api/v1/namespaces/unnamed`, renamed)).toMatchObject({ code: 200, json: { kind: 'Namespace' } });
    const review = `${prefix}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`;
    expect(await send('POST', review, { spec: { resourceAttributes: { verb: 'get', resource: 'widgets' } } })).toMatchObject({ code: 201 });
  });

  it('is refused for a custom resource', async () => {
    const message = expect.stringContaining("Object 'Kind' is missing");
    expect(await send('POST', widgetsPath, { metadata: { name: 'a' } })).toMatchObject({ code: 400, json: { message } });
  });
});
