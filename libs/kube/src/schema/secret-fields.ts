import type { Json, JsonObject } from '../json.ts';
import type { ServedKind } from '../served-kind.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';

/** A field as steps from the object's root. `*` stands for every item of a list and every key of a map. */
export type FieldPattern = readonly string[];

/** The step of a pattern that stands for all. */
export const anyStep = '*';

/**
 * The fields that a kind's schemas mark with `format: password`, those of all its versions together: an object may be kept in any of them.
 * The marked items of a list or values of a map count as the field that holds them. Empty for nearly all kinds, and then always the same.
 */
export function secretFieldsOf(kind: ServedKind): readonly FieldPattern[] {
  // The mesh's own kinds mark none.
  if (kind.source.type === 'builtin' || kind.source.type === 'computed') return none;
  let fields = known.get(kind);
  if (fields === undefined) known.set(kind, (fields = markedFields(kind.versions.map(({ schema }) => schema.source))));
  return fields;
}

const known = new WeakMap<ServedKind, readonly FieldPattern[]>();
const none: readonly FieldPattern[] = [];

/** The same, of openAPIV3Schemas. */
export function markedFields(schemas: readonly JsonObject[]): readonly FieldPattern[] {
  const found = new Map<string, FieldPattern>();
  for (const schema of schemas) {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const { apiVersion: _, kind: __, metadata: ___, ...content } = properties;
    walk({ ...schema, properties: content }, [], undefined, found);
  }
  return found.size === 0 ? none : [...found.values()];
}

/** `field` is the innermost field of a name that `schema` is about. */
function walk(schema: JsonObject, path: FieldPattern, field: FieldPattern | undefined, found: Map<string, FieldPattern>): void {
  if (schema['format'] === 'password' && field !== undefined) return void found.set(JSON.stringify(field), field);
  const { properties, items, additionalProperties } = schema;
  if (isJsonObject(properties))
    for (const [name, property] of Object.entries(properties)) {
      const below = [...path, name];
      if (isJsonObject(property)) walk(property, below, below, found);
    }
  for (const element of [items, additionalProperties]) if (isJsonObject(element)) walk(element, [...path, anyStep], field, found);
  for (const junctor of ['allOf', 'anyOf', 'oneOf'])
    for (const branch of listOf(schema[junctor])) if (isJsonObject(branch)) walk(branch, path, field, found);
}

const listOf = (value: Json | undefined): readonly Json[] => (isJsonList(value) ? value : []);
