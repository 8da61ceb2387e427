import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import { metaDefinitions, metaV1 } from '../openapi/meta-definitions.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { goPlain, goQuote } from '../schema/go-text.ts';
import { conversionFault } from './go-conversion.ts';
import { goTypeOf } from './merge-patch.ts';
import type { PatchResult, StrategicPatchResult } from './patch-result.ts';
import { checkOrder, directivesIn, identityBy, inOrder, PatchFault, withoutDuplicates } from './strategic-lists.ts';

/**
 * A merge patch that knows which lists are merged, and by which key: `schema` says so by `x-kubernetes-patch-strategy` and
 * `x-kubernetes-patch-merge-key`. Directives: `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/<list>`,
 * `$setElementOrder/<list>`. Nothing of the target is written to.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function applyStrategicMergePatch(target: JsonObject, patch: unknown, schema: JsonObject): StrategicPatchResult {
  const result = strategicMerge(target, patch, schema);
  if (result.type !== 'patched') return result;
  const fault = conversionFault(result.object, withObjectMeta(schema));
  if (fault === undefined) return result;
  const message = `Invalid value: ${goQuote(goPlain(patch as JsonObject))}: ${fault}`;
  return { type: 'untyped', cause: { reason: 'FieldValueInvalid', message, field: 'patch' } };
}

/** The same, whether what comes of it is of the target's type or not. */
export function strategicMerge(target: JsonObject, patch: unknown, schema: JsonObject): PatchResult {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    const message = `error decoding patch: json: cannot unmarshal ${goTypeOf(patch)} into Go value of type map[string]interface {}`;
    return { type: 'malformed', message };
  }
  try {
    return { type: 'patched', object: mergeMap(target, patch as JsonObject, withObjectMeta(schema)) };
  } catch (fault) {
    if (fault instanceof PatchFault) return { type: 'malformed', message: fault.message };
    throw fault;
  }
}

type Schema = JsonObject | undefined;
type Draft = Record<string, Json | undefined>;

const objectMeta = metaDefinitions((name) => ({ $ref: name }))[`${metaV1}.ObjectMeta`];

const withObjectMeta = (schema: JsonObject): JsonObject => {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return { ...schema, properties: { ...properties, metadata: objectMeta } };
};

function below(schema: Schema, name: string): Schema {
  const properties = schema?.['properties'];
  const found = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : schema?.['additionalProperties'];
  return isJsonObject(found) ? found : undefined;
}

const merges = (schema: Schema): boolean =>
  String(schema?.['x-kubernetes-patch-strategy'] ?? '')
    .split(',')
    .includes('merge');
const mergeKeyOf = (schema: Schema): string => String(schema?.['x-kubernetes-patch-merge-key'] ?? '');
const itemsOf = (schema: Schema): Schema => (isJsonObject(schema?.['items']) ? schema['items'] : undefined);

const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

function mergeMap(present: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (Object.hasOwn(patch, '$patch')) return replaced(patch);
  const merged: Draft = retained(present, patch);
  const ordered = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    const name = key.slice(orderPrefix.length);
    ordered.add(name);
    orderList(merged, { name, order, patch, schema: below(schema, name) });
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__' || key === '$retainKeys' || key.startsWith(orderPrefix) || ordered.has(key)) continue;
    if (key.startsWith(deletePrefix)) deleteFromList(merged, key.slice(deletePrefix.length), value);
    else if (value === null || value === undefined) delete merged[key];
    else set(merged, key, mergeValue(merged[key], value, below(schema, key)));
  }
  return merged;
}

/** A map with a directive of its own is not merged. */
function replaced(patch: JsonObject): JsonObject {
  const { $patch: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw new PatchFault(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(rest)}`);
}

/** The present fields, or only those that the patch retains: it must name all that it sets itself. */
function retained(present: JsonObject, patch: JsonObject): Draft {
  if (!Object.hasOwn(patch, '$retainKeys')) return { ...present };
  const keys = patch['$retainKeys'];
  if (!isJsonList(keys)) throw new PatchFault('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key === '$retainKeys' || key.startsWith(orderPrefix) || key.startsWith(deletePrefix);
    if (!isDirective && value !== null && !keys.includes(key)) throw new PatchFault('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(present).filter(([key]) => keys.includes(key)));
}

/** `undefined` stands for what is not there. */
function mergeValue(present: Json | undefined, value: Json, schema: Schema): Json | undefined {
  if (isJsonObject(present) && isJsonObject(value)) return mergeMap(present, value, schema);
  if (!isJsonList(present) || !isJsonList(value)) return fresh(value);
  return merges(schema) ? mergeList(present, value, schema) : value;
}

/** A value that meets nothing to be merged with: without the nulls and directives that were meant for that. */
function fresh(value: Json): Json | undefined {
  if (isJsonList(value)) return value.map(fresh).filter((element) => element !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, '$patch')) return undefined;
  const kept: Draft = {};
  for (const [key, field] of Object.entries(value))
    if (key !== '__proto__' && field !== null && field !== undefined) set(kept, key, fresh(field));
  return kept as JsonObject;
}

function mergeList(present: readonly Json[], patch: readonly Json[], schema: Schema): readonly Json[] {
  if (present.length === 0 && patch.length === 0) return present;
  const identity = identityBy(mergeKeyOf(schema));
  const isOfMaps = isJsonObject(elementOf(present, patch));
  if (!isOfMaps) return inOrder(withoutDuplicates([...present, ...patch]), patch, present, identityBy(''));
  if (identity.mergeKey === '') throw new PatchFault('cannot merge lists without merge key');
  const { deleted, merged, replaces } = directivesIn(patch, identity);
  if (replaces) return inOrder(merged, [], merged, identity);
  const left = present.filter((element) => !deleted.some((key) => equalJson(key, identity.keyOf(element))));
  const result: Json[] = [...left];
  for (const element of merged) {
    const at = result.findIndex((other) => equalJson(identity.keyOf(other), identity.keyOf(element)));
    if (at < 0) result.push(element);
    else result[at] = mergeMap(result[at] as JsonObject, element, itemsOf(schema));
  }
  return inOrder(result, merged, left, identity);
}

/** All elements are of one type, and that is no list. */
function elementOf(present: readonly Json[], patch: readonly Json[]): Json | undefined {
  const all = [...present, ...patch];
  if (all.some(isJsonList)) throw new PatchFault('lists of lists are not supported');
  const types = new Set(all.map(goTypeOf));
  if (types.size > 1) throw new PatchFault('list element types are not identical');
  return all[0];
}

type Order = { readonly name: string; readonly order: Json | undefined; readonly patch: JsonObject; readonly schema: Schema };

function orderList(merged: Draft, { name, order, patch, schema }: Order): void {
  if (!isJsonList(order)) throw new PatchFault('invalid patch format of setElementOrder list');
  const [present, change] = [merged[name], patch[name]];
  if ((present !== undefined && !isJsonList(present)) || (change !== undefined && !isJsonList(change)))
    throw new PatchFault('invalid patch format of setElementOrder list');
  if (present === undefined && change === undefined) return;
  if ([...(present ?? []), ...(change ?? [])].length === 0) throw new PatchFault('no elements in any of the given slices');
  const identity = identityBy(mergeKeyOf(schema));
  checkOrder(change ?? [], order, identity);
  const combined = change === undefined ? present : mergeValue(present, change, schema);
  merged[name] = inOrder((combined ?? []) as readonly Json[], order, present ?? [], identity);
}

function deleteFromList(merged: Draft, name: string, unwanted: Json | undefined): void {
  const present = merged[name];
  if (unwanted === null) delete merged[name];
  if (!isJsonList(present) || !isJsonList(unwanted)) return;
  merged[name] = present.filter((element) => !unwanted.some((other) => equalJson(other, element)));
}

function set(draft: Draft, key: string, value: Json | undefined): void {
  if (value === undefined) delete draft[key];
  else draft[key] = value;
}
