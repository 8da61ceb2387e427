import type { Json, JsonObject } from '../json.ts';
import { isNumeric } from '../schema/go-text.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import { escapeName } from './escape-name.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectOf,
  stringType,
  timestampType,
  type CelType,
} from './types.ts';

/** How JSON at one place of a schema is seen by rules, and how much of it one request can hold. */
export type SchemaType = {
  readonly type: CelType;
  /** The name of the JSON type, as messages quote it. */
  readonly json: JsonKind;
  readonly nullable: boolean;
  /** Characters, items or entries at most. */
  readonly elementsMax: number;
  /** Bytes of JSON at least. */
  readonly bytesMin: number;
  readonly element?: SchemaType;
  /** By the name that rules use. */
  readonly fields?: ReadonlyMap<string, SchemaField>;
  /** List maps: these fields tell items apart; sets: none, the whole item does. */
  readonly keys?: readonly string[];
};

export type SchemaField = { readonly name: string; readonly schema: SchemaType };

export type JsonKind =
  'any' | 'boolean' | 'byte' | 'date' | 'date-time' | 'duration' | 'integer' | 'list' | 'map' | 'number' | 'object' | 'scalar' | 'string';

export const requestBytesMax = 3 * 1024 * 1024;

const unbounded = { type: dynType, json: 'any', nullable: true, elementsMax: requestBytesMax, bytesMin: 1 } as const;
/** JSON of which nothing is known beforehand: it is what it says it is. */
export const anySchemaType: SchemaType = unbounded;

/**
 * The type of a structural schema, or undefined where rules see nothing. `root`: of a resource, embedded or not; of it
 * apiVersion, kind, metadata.name and metadata.generateName are always seen. Source: k8s.io/apiserver pkg/cel/common.
 */
export function schemaType(schema: JsonObject, root: boolean): SchemaType | undefined {
  const nullable = schema['nullable'] === true;
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { type: dynType, json: 'scalar', nullable, elementsMax: lengthMax(schema), bytesMin: 1 };
  }
  const { type, additionalProperties } = schema;
  if (root || type === 'object') {
    return isJsonObject(additionalProperties) ? mapType(schema, additionalProperties, nullable) : objectType(schema, root, nullable);
  }
  if (type === 'array') return listType(schema, nullable);
  if (type === 'string') return textType(schema, nullable);
  if (type === 'boolean') return { type: boolType, json: 'boolean', nullable, elementsMax: 0, bytesMin: 4 };
  if (type === 'number') return { type: doubleType, json: 'number', nullable, elementsMax: 0, bytesMin: 1 };
  return type === 'integer' ? { type: intType, json: 'integer', nullable, elementsMax: 0, bytesMin: 1 } : undefined;
}

export function isEmbedded(schema: JsonObject): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function listType(schema: JsonObject, nullable: boolean): SchemaType | undefined {
  const { items } = schema;
  const element = isJsonObject(items) ? schemaType(items, isEmbedded(items)) : undefined;
  if (element === undefined) return undefined;
  const elementsMax = bound(schema['maxItems']) ?? Math.floor((requestBytesMax - 2) / (element.bytesMin + 1));
  const listKind = schema['x-kubernetes-list-type'];
  const mapKeys = schema['x-kubernetes-list-map-keys'];
  const keys = listKind === 'set' ? [] : listKind === 'map' && isJsonList(mapKeys) ? mapKeys.map(String) : undefined;
  return { type: listOf(element.type), json: 'list', nullable, elementsMax, bytesMin: 2, element, ...(keys ? { keys } : {}) };
}

function mapType(schema: JsonObject, values: JsonObject, nullable: boolean): SchemaType | undefined {
  const element = schemaType(values, isEmbedded(values));
  if (element === undefined) return undefined;
  const elementsMax = bound(schema['maxProperties']) ?? Math.floor((requestBytesMax - 2) / (element.bytesMin + 6));
  return { type: mapOf(stringType, element.type), json: 'map', nullable, elementsMax, bytesMin: 2, element };
}

function objectType(schema: JsonObject, root: boolean, nullable: boolean): SchemaType {
  const required = isJsonList(schema['required']) ? schema['required'] : [];
  const fields = new Map<string, SchemaField>();
  let bytesMin = 2;
  for (const [name, property] of Object.entries({ ...propertiesOf(schema), ...(root ? resourceFields : {}) })) {
    const field = schemaType(property, isEmbedded(property));
    const escaped = escapeName(name);
    if (field === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, { name, schema: field });
    if (required.includes(name) && property['default'] === undefined) bytesMin += name.length + field.bytesMin + 4;
  }
  const type = objectOf(new Map([...fields].map(([name, field]) => [name, field.schema.type])));
  return { type, json: 'object', nullable, elementsMax: 0, bytesMin, fields };
}

const text: JsonObject = { type: 'string' };
const resourceFields: { readonly [name: string]: JsonObject } = {
  apiVersion: text,
  kind: text,
  metadata: { type: 'object', properties: { name: text, generateName: text } },
};

function textType(schema: JsonObject, nullable: boolean): SchemaType {
  const { format, maxLength } = schema;
  if (format === 'byte')
    return { type: bytesType, json: 'byte', nullable, elementsMax: bound(maxLength) ?? requestBytesMax - 2, bytesMin: 2 };
  if (format === 'duration') return { type: durationType, json: 'duration', nullable, elementsMax: 32, bytesMin: 3 };
  if (format === 'date') return { type: timestampType, json: 'date', nullable, elementsMax: 12, bytesMin: 12 };
  if (format === 'date-time') return { type: timestampType, json: 'date-time', nullable, elementsMax: 32, bytesMin: 21 };
  return { type: stringType, json: 'string', nullable, elementsMax: lengthMax(schema), bytesMin: 2 };
}

/** In bytes: a character has four at most. */
function lengthMax(schema: JsonObject): number {
  const length = bound(schema['maxLength']);
  if (length !== undefined) return length * 4;
  const choices = schema['enum'];
  if (!isJsonList(choices) || choices.length === 0 || schema['type'] !== 'string') return requestBytesMax - 2;
  return Math.max(...choices.map((choice) => (typeof choice === 'string' ? Buffer.byteLength(choice) : 0)));
}

function bound(value: Json | undefined): number | undefined {
  return isNumeric(value) ? Math.max(0, Number(value)) : undefined;
}
