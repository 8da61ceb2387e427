import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer, widgetsPath } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
const namespaces = `${prefix}/api/v1/namespaces`;

beforeAll(async () => {
  server = await startKubeServer();
  const bodies = [
    [namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }],
    [widgetsPath, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } }],
  ] as const;
  for (const [path, body] of bodies) await server.send(path, { method: 'POST', body: JSON.stringify(body) });
});
afterAll(() => server.stop());

const patch = (path: string, body: string) =>
  server.send(path, { method: 'PATCH', headers: { 'content-type': 'application/strategic-merge-patch+json' }, body });

describe('a strategic merge patch', () => {
  it('is taken for a kind that clients have compiled in', async () => {
    const reply = await patch(`${namespaces}/a`, '{"metadata":{"labels":{"x":"y"}}}');
    expect(reply).toMatchObject({ code: 200, json: { metadata: { labels: { x: 'y' } } } });
  });

  it('is not taken for a custom resource: clients know by 415 that they must send another', async () => {
    expect(await patch(`${widgetsPath}/a`, '{}')).toMatchObject({
      code: 415,
      json: {
        reason: 'UnsupportedMediaType',
        message:
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      },
    });
  });

  it('is an object', async () => {
    expect(await patch(`${namespaces}/a`, '[]')).toMatchObject({
      code: 400,
      json: { message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}' },
    });
  });
});
