import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer, widgetsPath } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
const path = `${prefix}/api/v1/namespaces/a/finalize`;
const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });

beforeAll(async () => {
  server = await startKubeServer();
  await server.send(`${prefix}/api/v1/namespaces`, { method: 'POST', body });
});
afterAll(() => server.stop());

describe('/finalize', () => {
  it('takes updates of a Namespace, and nothing else', async () => {
    expect((await server.send(path, { method: 'PUT', body })).code).toBe(200);
    expect((await server.send(path)).code).toBe(405);
    expect((await server.send(path, { method: 'PATCH', body: '{}' })).code).toBe(405);
  });

  it('is not there for other kinds', async () => {
    expect(await server.send(`${widgetsPath}/a/finalize`, { method: 'PUT', body })).toMatchObject({
      code: 404,
      json: { reason: 'NotFound' },
    });
  });
});
