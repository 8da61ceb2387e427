import type { Json, JsonObject } from '../json.ts';
import { isGoInteger, isNumeric } from '../schema/go-text.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';

/**
 * Why a value cannot become what its kind's type has in its place, in Go's words; undefined where it can. What the schema does not say is anything.
 * Source: upstream apimachinery pkg/runtime/converter.go, fromUnstructured.
 */
export function conversionFault(value: Json | undefined, schema: JsonObject | undefined): string | undefined {
  if (schema === undefined || value === null || value === undefined) return undefined;
  switch (String(schema['type'])) {
    case 'object':
      return objectFault(value, schema);
    case 'array':
      if (!isJsonList(value)) return `cannot restore slice from ${goKindOf(value)}`;
      return first(value, (item) => conversionFault(item, schemaOf(schema['items'])));
    case 'string':
      return stringFault(value, schema['format']);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'integer': {
      const type = schema['format'] === 'int32' ? 'int32' : 'int64';
      if (!isNumeric(value)) return `unrecognized type: ${type}`;
      return isGoInteger(value) || Number.isInteger(value) ? undefined : `cannot convert float64 to ${type}`;
    }
    default:
      return undefined;
  }
}

function objectFault(value: Json, schema: JsonObject): string | undefined {
  const items = schemaOf(schema['additionalProperties']);
  const fields = schemaOf(schema['properties']);
  if (!isJsonObject(value)) return `cannot restore ${items ? 'map from' : 'struct from:'} ${goKindOf(value)}`;
  if (items) return first(Object.values(value), (item) => conversionFault(item, items));
  return first(Object.entries(fields ?? {}), ([name, field]) =>
    Object.hasOwn(value, name) ? conversionFault(value[name], schemaOf(field)) : undefined,
  );
}

function stringFault(value: Json, format: Json | undefined): string | undefined {
  if (typeof value === 'string') return undefined;
  if (format === 'byte') return `cannot restore slice from ${goKindOf(value)}`;
  if (format === 'date-time') return `json: cannot unmarshal ${jsonKindOf(value)} into Go value of type string`;
  return goKindOf(value) === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string';
}

const schemaOf = (schema: Json | undefined): JsonObject | undefined => (isJsonObject(schema) ? schema : undefined);

function goKindOf(value: Json): string {
  if (isNumeric(value)) return isGoInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : isJsonList(value) ? 'slice' : 'map';
}

function jsonKindOf(value: Json): string {
  if (isNumeric(value)) return 'number';
  return typeof value === 'boolean' ? 'bool' : isJsonList(value) ? 'array' : 'object';
}

function first<Item>(items: readonly Item[], faultOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultOf(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
