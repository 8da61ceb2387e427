import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWidgetServer } from './golden/widget-server.ts';

type Json = Readonly<Record<string, unknown>>;

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
});
afterAll(() => server.stop());

const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const merge = 'application/merge-patch+json';
const applied = 'application/apply-patch+yaml';
const scale = (replicas: number): string =>
  JSON.stringify({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'w' }, spec: { replicas } });
const widget = (name: string, spec: Json): string =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec });
const ask = async (method: string, path: string, type?: string, body?: string) => server.send(method, `${widgets}${path}`, type, body);

async function owners(name: string): Promise<readonly string[]> {
  const { json } = await ask('GET', `/${name}`);
  const { managedFields = [] } = json['metadata'] as { readonly managedFields?: readonly Json[] };
  return managedFields.map(({ manager, operation, subresource = '', fieldsV1 }) => {
    const { 'f:spec': fields = {} } = fieldsV1 as { readonly 'f:spec'?: Json };
    return `${String(manager)} ${String(operation)} ${String(subresource)}: ${Object.keys(fields).sort().join()}`;
  });
}

describe('who scales', () => {
  it('keeps what they want, whatever others who do not speak of it apply', async () => {
    await ask('PATCH', '/w?fieldManager=kubectl', applied, widget('w', { color: 'red', replicas: 1 }));
    expect(await ask('PATCH', '/w/scale?fieldManager=scaler', merge, '{"spec":{"replicas":3}}')).toMatchObject({ code: 200 });
    expect(await owners('w')).toEqual(['kubectl Apply : f:color', 'scaler Update scale: f:replicas']);
    expect(await ask('PATCH', '/w?fieldManager=kubectl', applied, widget('w', { color: 'blue' }))).toMatchObject({
      code: 200,
      json: { spec: { color: 'blue', replicas: 3 } },
    });
  });

  it('may do so by PUT', async () => {
    expect(await ask('PUT', '/w/scale?fieldManager=putter', 'application/json', scale(4))).toMatchObject({
      code: 200,
      json: { spec: { replicas: 4 } },
    });
    expect(await owners('w')).toEqual(['kubectl Apply : f:color', 'putter Update scale: f:replicas']);
  });

  it('may apply, in conflict with whoever did before', async () => {
    const wanted = await ask('PATCH', '/w/scale?fieldManager=applier', applied, scale(5));
    expect(wanted).toMatchObject({
      code: 409,
      json: {
        message: 'Apply failed with 1 conflict: conflict with "putter" with subresource "scale" using autoscaling/v1: .spec.replicas',
      },
    });
    expect(await ask('PATCH', '/w/scale?fieldManager=applier&force=true', applied, scale(5))).toMatchObject({
      code: 200,
      json: { kind: 'Scale', spec: { replicas: 5 } },
    });
    expect(await owners('w')).toEqual(['applier Apply scale: f:replicas', 'kubectl Apply : f:color']);
  });

  it('applies a scale of that object, which must be there', async () => {
    expect(await ask('PATCH', '/w/scale?fieldManager=a', applied, widget('w', {}))).toMatchObject({
      code: 400,
      json: { message: 'invalid object type: example.com/v1, Kind=Widget' },
    });
    expect(await ask('PATCH', '/none/scale?fieldManager=a', applied, scale(1).replace('"w"', '"none"'))).toMatchObject({ code: 404 });
  });
});
