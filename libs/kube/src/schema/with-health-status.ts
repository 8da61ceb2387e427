import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { invalidValue } from './field-error.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import { propertiesOf } from './structural-bounds.ts';

export type HealthSchema =
  { readonly type: 'ready'; readonly schema: JsonObject } | { readonly type: 'refused'; readonly causes: readonly StatusCause[] };

/**
 * Consumers decide by status alone, so every schema with a status gets `status.conditions` (a list map by type, with the
 * fields that the mesh writes) and `status.observedGeneration`; what is missing is added, what contradicts is refused.
 * `fieldPath` is where the schema stands. A schema that has all of it, or no status, comes back as it is.
 */
export function withHealthStatus(schema: JsonObject, fieldPath = 'openAPIV3Schema'): HealthSchema {
  const status = ownProperty(schema, 'status');
  if (status === undefined) return { type: 'ready', schema };
  const at = `${fieldPath}.properties[status]`;
  const conditions = ownProperty(status, 'conditions');
  const generation = ownProperty(status, 'observedGeneration');
  const causes = [
    ...(status['type'] === 'object' ? [] : [mustBe(`${at}.type`, status['type'], 'object, because the mesh reports health in it')]),
    ...(conditions ? conditionsCauses(conditions, `${at}.properties[conditions]`) : []),
    ...(generation && generation['type'] !== 'integer'
      ? [mustBe(`${at}.properties[observedGeneration].type`, generation['type'], 'integer: the generation that was answered')]
      : []),
  ];
  if (causes.length > 0) return { type: 'refused', causes };
  const health = {
    conditions: conditions ? completed(conditions) : conditionsSchema,
    observedGeneration: generation ?? observedGenerationSchema,
  };
  if (health.conditions === conditions && health.observedGeneration === generation) return { type: 'ready', schema };
  const properties = { ...propertiesOf(status), ...health };
  return { type: 'ready', schema: { ...schema, properties: { ...propertiesOf(schema), status: { ...status, properties } } } };
}

const observedGenerationSchema: JsonObject = {
  type: 'integer',
  format: 'int64',
  description: 'The generation of the spec that this status answers.',
};

const conditionFields: { readonly [name: string]: JsonObject } = {
  type: { type: 'string', description: 'What the condition is about, in CamelCase.' },
  status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
  reason: { type: 'string', description: 'Why, in one CamelCase word for programs.' },
  message: { type: 'string', description: 'Why, in a sentence for people.' },
  observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
  lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
};

const conditionsSchema: JsonObject = {
  type: 'array',
  description: 'How the instance is doing, one entry per aspect.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: { type: 'object', required: ['type', 'status'], properties: conditionFields },
};

/** A conditions list that says nothing against it becomes a list map by type with every field of a condition. */
function completed(conditions: JsonObject): JsonObject {
  const items = isJsonObject(conditions['items']) ? conditions['items'] : {};
  const known = propertiesOf(items);
  const required = isJsonList(items['required']) ? items['required'] : [];
  const missing = Object.entries(conditionFields).filter(([name]) => !Object.hasOwn(known, name));
  const isMap = conditions['x-kubernetes-list-type'] === 'map';
  if (isMap && missing.length === 0 && required.includes('type')) return conditions;
  return {
    ...conditions,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
    items: {
      ...items,
      required: required.includes('type') ? required : [...required, 'type'],
      properties: { ...known, ...Object.fromEntries(missing) },
    },
  };
}

/** What the mesh writes into conditions must fit: objects with these string fields, told apart by type. */
function conditionsCauses(conditions: JsonObject, at: string): readonly StatusCause[] {
  const items = conditions['items'];
  if (conditions['type'] !== 'array') return [mustBe(`${at}.type`, conditions['type'], 'array, a list of conditions')];
  if (!isJsonObject(items) || items['type'] !== 'object') {
    return [mustBe(`${at}.items.type`, isJsonObject(items) ? items['type'] : undefined, 'object, a condition')];
  }
  const keys = conditions['x-kubernetes-list-map-keys'];
  const listType = conditions['x-kubernetes-list-type'];
  if (listType !== undefined && listType !== 'map')
    return [mustBe(`${at}.x-kubernetes-list-type`, listType, 'map, so that writers share the list')];
  if (listType === 'map' && (!isJsonList(keys) || keys.length !== 1 || keys[0] !== 'type')) {
    return [mustBe(`${at}.x-kubernetes-list-map-keys`, keys, '["type"]')];
  }
  return ['type', 'status', 'reason', 'message', 'lastTransitionTime'].flatMap((name) => {
    const field = ownProperty(items, name);
    if (field === undefined || field['type'] === 'string') return [];
    return [mustBe(`${at}.items.properties[${name}].type`, field['type'], 'string')];
  });
}

function mustBe(field: string, value: Json | undefined, expected: string): StatusCause {
  return invalidValue(field, value ?? '', `must be ${expected}`);
}

function ownProperty(schema: JsonObject, name: string): JsonObject | undefined {
  const properties = propertiesOf(schema);
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
