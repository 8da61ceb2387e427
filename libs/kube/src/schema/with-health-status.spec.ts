import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';
import { validateStructuralSchema } from './validate-structural.ts';
import { withHealthStatus } from './with-health-status.ts';

const status = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { spec: { type: 'object' }, status: { type: 'object', properties, ...more } },
});

function ready(schema: JsonObject): JsonObject {
  const health = withHealthStatus(schema);
  if (health.type !== 'ready') throw new Error(JSON.stringify(health.causes));
  return health.schema;
}

const reported = {
  observedGeneration: 2,
  conditions: [
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'WaitingForProvider',
      message: 'm',
      observedGeneration: 2,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ],
};

describe('a schema with a status', () => {
  it.each<[string, JsonObject]>([
    ['without health', status({ url: { type: 'string' } })],
    ['without properties', { type: 'object', properties: { status: { type: 'object' } } }],
    [
      'with bare conditions',
      status({ conditions: { type: 'array', items: { type: 'object', properties: { type: { type: 'string' } } } } }),
    ],
  ])('%s takes what the mesh reports', (_, schema) => {
    const healthy = ready(schema);
    expect(validateStructuralSchema(healthy, 'schema')).toEqual([]);
    const compiled = compileSchema(healthy);
    expect(compiled.prune({ status: reported }).unknown).toEqual([]);
    expect(compiled.validate({ status: reported })).toEqual([]);
    expect(compiled.validate({ status: { conditions: [reported.conditions[0], reported.conditions[0]] } as JsonObject })).toHaveLength(1);
  });

  it('keeps what it had', () => {
    const url = { type: 'string' };
    expect(ready(status({ url }))).toMatchObject({ properties: { spec: { type: 'object' }, status: { properties: { url } } } });
  });

  it('comes back as it is where nothing is missing', () => {
    const healthy = ready(status({}));
    expect(withHealthStatus(healthy)).toEqual({ type: 'ready', schema: healthy });
    expect(ready(healthy)).toBe(healthy);
  });
});

it('a schema without a status comes back as it is', () => {
  const schema = { type: 'object', properties: { spec: { type: 'object' } } };
  expect(ready(schema)).toBe(schema);
});

const items = { type: 'object', properties: { type: { type: 'string' } } };

describe('a schema whose status contradicts is refused', () => {
  it.each<[JsonObject, string]>([
    [status({}, { type: 'string' }), 'type'],
    [status({ observedGeneration: { type: 'string' } }), 'properties[observedGeneration].type'],
    [status({ conditions: { type: 'object' } }), 'properties[conditions].type'],
    [status({ conditions: { type: 'array', items: { type: 'string' } } }), 'properties[conditions].items.type'],
    [status({ conditions: { type: 'array', items, 'x-kubernetes-list-type': 'atomic' } }), 'properties[conditions].x-kubernetes-list-type'],
    [
      status({ conditions: { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } }),
      'properties[conditions].x-kubernetes-list-map-keys',
    ],
    [
      status({ conditions: { type: 'array', items: { type: 'object', properties: { status: { type: 'boolean' } } } } }),
      'properties[conditions].items.properties[status].type',
    ],
  ])('%j', (schema, field) => {
    const health = withHealthStatus(schema, 'spec.schema');
    const fields = health.type === 'refused' ? health.causes.map((cause) => cause.field) : [];
    expect(fields).toEqual([`spec.schema.properties[status].${field}`]);
  });
});
