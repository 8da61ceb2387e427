import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject, setOwn } from './json-shape.ts';
import { childNode, type SchemaNode } from './schema-node.ts';

/**
 * Fills in defaults where the parent exists. A null that the schema does not allow gives way to the default or, in an
 * object, vanishes; in a list without a default it stays and fails validation. Same reference where nothing changes.
 */
export function defaultValue(value: Json, node: SchemaNode | undefined): Json {
  if (node === undefined || typeof value !== 'object' || value === null) return value;
  if (isJsonList(value)) return defaultList(value, node.items);
  return isJsonObject(value) ? defaultObject(value, node) : value;
}

function defaultObject(value: JsonObject, node: SchemaNode): JsonObject {
  let changed: Record<string, Json> | undefined;
  const keys = Object.keys(value);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    const field = value[key];
    if (field === undefined) continue;
    const next = defaultField(field, childNode(node, key));
    if (next === field && changed === undefined) continue;
    changed ??= firstFields(value, keys, index);
    if (next !== undefined) setOwn(changed, key, next);
  }
  for (const [name, byDefault] of node.defaulted) {
    if (Object.hasOwn(changed ?? value, name)) continue;
    changed ??= firstFields(value, keys, keys.length);
    setOwn(changed, name, byDefault);
  }
  return changed ?? value;
}

/** Undefined: the field vanishes. */
function defaultField(field: Json, node: SchemaNode | undefined): Json | undefined {
  if (node === undefined) return field;
  if (field === null) return node.nullable ? null : node.defaultValue;
  return typeof field === 'object' ? defaultValue(field, node) : field;
}

function defaultList(value: readonly Json[], items: SchemaNode | undefined): readonly Json[] {
  if (items === undefined) return value;
  let changed: Json[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item = value[index] ?? null;
    const next = defaultField(item, items) ?? null;
    if (next === item) continue;
    changed ??= [...value];
    changed[index] = next;
  }
  return changed ?? value;
}

/** A copy of the first `count` fields: what copy-on-write starts from. */
export function firstFields(value: JsonObject, keys: readonly string[], count: number): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (let index = 0; index < count; index++) {
    const key = keys[index] ?? '';
    const field = value[key];
    if (field !== undefined) setOwn(copy, key, field);
  }
  return copy;
}
