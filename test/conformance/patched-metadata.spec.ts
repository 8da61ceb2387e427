import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWidgetServer } from './golden/widget-server.ts';

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'bare' }, spec: { replicas: 2 } };
  expect(await server.send('POST', widgets, 'application/json', JSON.stringify(widget))).toMatchObject({ code: 201 });
});
afterAll(() => server.stop());

const widgets = '/apis/example.com/v1/namespaces/default/widgets';

describe('a patch that takes all of the metadata away', () => {
  it.each([
    ['merge-patch', '', '{"metadata":null}'],
    ['json-patch', '', '[{"op":"remove","path":"/metadata"}]'],
    ['json-patch', '/scale', '[{"op":"remove","path":"/metadata"}]'],
  ])('leaves what the server says: %s%s', async (type, subresource, body) => {
    expect(await server.send('PATCH', `${widgets}/bare${subresource}`, `application/${type}+json`, body)).toMatchObject({
      code: 200,
      json: { metadata: { name: 'bare', uid: expect.any(String) as string } },
    });
  });
});
