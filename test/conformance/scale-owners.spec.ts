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

describe('an object that sets no replicas', () => {
  const empty = 'the spec replicas field ".spec.replicas" cannot be empty';
  const json = 'application/json';
  const at = '/apis/scales.test/v1/namespaces/default/gauges';
  const ask = async (method: string, path: string, type?: string, body?: string) => server.send(method, `${at}${path}`, type, body);
  const unset = async (name: string): Promise<void> => {
    const gauge = { apiVersion: 'scales.test/v1', kind: 'Gauge', metadata: { name }, spec: { color: 'red' } };
    expect(await ask('POST', '', json, JSON.stringify(gauge))).toMatchObject({ code: 201 });
  };
  const specOf = async (name: string): Promise<unknown> => (await ask('GET', `/${name}`)).json['spec'];

  beforeAll(async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect(await server.send('POST', path, json, JSON.stringify(gauges))).toMatchObject({ code: 201 });
    await unset('unset');
  });

  it.each([
    ['says nothing of them', merge, '{}'],
    ['speaks of something else', merge, '{"metadata":{"annotations":{"a":"b"}}}'],
    ['only tests', 'application/json-patch+json', '[{"op":"test","path":"/metadata/name","value":"unset"}]'],
  ])('is not scaled to zero by a patch that %s', async (_, type, patch) => {
    expect(await ask('PATCH', '/unset/scale', type, patch)).toMatchObject({ code: 400, json: { reason: 'BadRequest', message: empty } });
    expect(await specOf('unset')).toEqual({ color: 'red' });
  });

  it.each([
    ['null', merge, '{"spec":{"replicas":null}}', 0],
    ['a number', merge, '{"spec":{"replicas":2}}', 2],
    ['a number in the place of none', 'application/json-patch+json', '[{"op":"replace","path":"/spec/replicas","value":3}]', 3],
  ])('is scaled by a patch that says %s', async (what, type, patch, replicas) => {
    const name = `patched-by-${what.replaceAll(' ', '-')}`;
    await unset(name);
    expect(await ask('PATCH', `/${name}/scale`, type, patch)).toMatchObject({ code: 200 });
    expect(await specOf(name)).toEqual({ color: 'red', replicas });
  });

  // A scale in Go has a number there, and zero where a body has none: upstream cannot tell.
  it('is scaled to zero by a PUT that says nothing of them', async () => {
    await unset('put');
    const body = JSON.stringify({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'put' } });
    expect(await ask('PUT', '/put/scale', json, body)).toMatchObject({ code: 200 });
    expect(await specOf('put')).toEqual({ color: 'red', replicas: 0 });
  });
});

const gauges = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.scales.test' },
  spec: {
    group: 'scales.test',
    scope: 'Namespaced',
    names: { plural: 'gauges', kind: 'Gauge' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
