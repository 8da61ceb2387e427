import type { Json, JsonObject } from '../json.ts';
import { objectMetaSchema } from '../metadata/object-meta-schema.ts';
import { compileNode } from './compile-node.ts';
import { firstFields } from './default-value.ts';
import { pathText, type Segment } from './field-path.ts';
import { isJsonList, isJsonObject, setOwn } from './json-shape.ts';
import type { SchemaNode } from './schema-node.ts';

type Pruning = { readonly path: Segment[]; readonly unknown: string[] };

/** Drops the fields of a whole object that the schema does not name. `root` is marked as a resource: its metadata is ObjectMeta. */
export function pruneObject(object: JsonObject, root: SchemaNode): { readonly object: JsonObject; readonly unknown: readonly string[] } {
  const pruning: Pruning = { path: [], unknown: [] };
  return { object: pruneFields(object, root, root.preserveUnknown, pruning), unknown: pruning.unknown };
}

/** The value without what the schema does not name. */
export function pruneAgainst(value: Json, node: SchemaNode): Json {
  return pruneValue(value, node, { path: [], unknown: [] });
}

/** Drops the fields that ObjectMeta does not have; `unknown` are their paths, `metadata.foo`. */
export function pruneObjectMeta(metadata: JsonObject): { readonly metadata: JsonObject; readonly unknown: readonly string[] } {
  const pruning: Pruning = { path: ['metadata'], unknown: [] };
  return { metadata: pruneFields(metadata, objectMetaNode, false, pruning), unknown: pruning.unknown };
}

const objectMetaNode = compileNode(objectMetaSchema);

/** Without a schema (below `additionalProperties: true`) every field of an object is unknown. */
function pruneValue(value: Json, node: SchemaNode | undefined, pruning: Pruning): Json {
  return pruneKeeping(value, node, node?.preserveUnknown === true, pruning);
}

/** `keep`: fields without a schema stay. The items of a list that preserves unknown fields preserve them too. */
function pruneKeeping(value: Json, node: SchemaNode | undefined, keep: boolean, pruning: Pruning): Json {
  if (typeof value !== 'object' || value === null || (node === undefined && keep)) return value;
  if (isJsonList(value)) return pruneList(value, node?.items, keep, pruning);
  return isJsonObject(value) ? pruneFields(value, node, keep, pruning) : value;
}

function pruneFields(value: JsonObject, node: SchemaNode | undefined, keep: boolean, pruning: Pruning): JsonObject {
  let changed: Record<string, Json> | undefined;
  const keys = Object.keys(value);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    const field = value[key];
    if (field === undefined) continue;
    pruning.path.push(key);
    let next = pruneField(key, field, node, pruning);
    if (next === undefined && keep) next = field;
    if (next === undefined) pruning.unknown.push(pathText(pruning.path));
    pruning.path.pop();
    if (next === field && changed === undefined) continue;
    changed ??= firstFields(value, keys, index);
    if (next !== undefined) setOwn(changed, key, next);
  }
  return changed ?? value;
}

/** Undefined: the field is unknown. */
function pruneField(key: string, field: Json, node: SchemaNode | undefined, pruning: Pruning): Json | undefined {
  if (node === undefined) return undefined;
  if (node.embedded && (key === 'apiVersion' || key === 'kind')) return field;
  if (node.embedded && key === 'metadata') return isJsonObject(field) ? pruneFields(field, objectMetaNode, false, pruning) : field;
  const property = node.properties.get(key);
  if (property !== undefined) return typeof field === 'object' ? pruneValue(field, property, pruning) : field;
  if (node.additional === undefined) return undefined;
  return pruneValue(field, typeof node.additional === 'object' ? node.additional : undefined, pruning);
}

function pruneList(value: readonly Json[], items: SchemaNode | undefined, keep: boolean, pruning: Pruning): readonly Json[] {
  let changed: Json[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item = value[index] ?? null;
    if (typeof item !== 'object' || item === null) continue;
    pruning.path.push(index);
    const next = pruneKeeping(item, items, keep || items?.preserveUnknown === true, pruning);
    pruning.path.pop();
    if (next === item) continue;
    changed ??= [...value];
    changed[index] = next;
  }
  return changed ?? value;
}
