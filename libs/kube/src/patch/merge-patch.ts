import type { Json, JsonObject } from '../json.ts';
import type { PatchResult } from './patch-result.ts';

/** RFC 7386. Unchanged parts of the target are shared with the answer, nothing of the target is written to. */
export function applyMergePatch(target: JsonObject, patch: unknown): PatchResult {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return {
      type: 'malformed',
      message: `error decoding patch: json: cannot unmarshal ${goTypeOf(patch)} into Go value of type map[string]interface {}`,
    };
  return { type: 'patched', object: merge(target, patch as JsonObject) };
}

function merge(target: Json | undefined, patch: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json;
    if (key === '__proto__' || value === null) delete merged[key];
    else merged[key] = isObject(value) ? merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value) : value;
  }
  return merged;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How Go's decoder calls a JSON value. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}
