import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { applyStrategicMergePatch, strategicMerge } from './strategic-merge-patch.ts';

type Vector = {
  readonly kind: 'ConfigMap' | 'ServiceAccount' | 'Namespace';
  readonly original: JsonObject;
  readonly patch: JsonObject;
  readonly result?: JsonObject;
};

const mergedBy = (key: string): JsonObject => ({
  type: 'array',
  items: { type: 'object' },
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': key,
});
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const schemas: Readonly<Record<Vector['kind'], JsonObject>> = {
  ConfigMap: object({ data: { type: 'object', additionalProperties: { type: 'string' } } }),
  ServiceAccount: object({ secrets: mergedBy('name'), imagePullSecrets: { type: 'array', items: { type: 'object' } } }),
  Namespace: object({
    spec: object({ finalizers: { type: 'array', items: { type: 'string' } } }),
    status: object({ conditions: mergedBy('type') }),
  }),
};

/** Made by Go: test/conformance/patch-vectors. */
const vectors = readFileSync(new URL('../../../../test/conformance/patch-vectors/vectors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const patched = (original: JsonObject, patch: unknown, schema = schemas.ServiceAccount) =>
  applyStrategicMergePatch(original, patch, schema);

describe('a strategic merge patch', () => {
  it('makes of an object what upstream makes of it', () => {
    const wrong = vectors.filter(({ kind, original, patch, result }) => {
      const before = JSON.stringify([original, patch]);
      const answer = strategicMerge(original, patch, schemas[kind]);
      expect(JSON.stringify([original, patch])).toBe(before);
      return JSON.stringify(sorted(answer.type === 'patched' ? answer.object : undefined)) !== JSON.stringify(sorted(result));
    });
    expect(wrong.map((vector) => ({ ...vector, answer: strategicMerge(vector.original, vector.patch, schemas[vector.kind]) }))).toEqual([]);
  });

  it('merges the elements of a list by their key, and appends new ones', () => {
    const original = { secrets: [{ name: 'a', kind: 'x' }, { name: 'b' }] };
    expect(patched(original, { secrets: [{ name: 'c' }, { name: 'a', uid: 'u' }] })).toEqual({
      type: 'patched',
      object: { secrets: [{ name: 'c' }, { name: 'a', kind: 'x', uid: 'u' }, { name: 'b' }] },
    });
  });

  it.each([
    [{ data: 'x' }, 'map[data:x]', 'cannot restore map from string'],
    [{ data: { a: 1 } }, 'map[data:map[a:1]]', 'cannot convert int64 to string'],
    [{ data: { a: 1.5, c: null } }, 'map[data:map[a:1.5 c:<nil>]]', 'unrecognized type: string'],
    [{ data: { a: ['x', { y: true }] } }, 'map[data:map[a:[x map[y:true]]]]', 'unrecognized type: string'],
    [{ binaryData: { a: 1 } }, 'map[binaryData:map[a:1]]', 'cannot restore slice from int64'],
    [{ immutable: 'yes' }, 'map[immutable:yes]', 'unrecognized type: bool'],
    [{ metadata: 'yes' }, 'map[metadata:yes]', 'cannot restore struct from: string'],
    [{ metadata: { labels: true } }, 'map[metadata:map[labels:true]]', 'cannot restore map from bool'],
    [{ metadata: { generation: 1.5 } }, 'map[metadata:map[generation:1.5]]', 'cannot convert float64 to int64'],
    [{ secrets: { name: 'x' } }, 'map[secrets:map[name:x]]', 'cannot restore slice from map'],
    [{ secrets: ['s'] }, 'map[secrets:[s]]', 'cannot restore struct from: string'],
    [{ count: '3' }, 'map[count:3]', 'unrecognized type: int32'],
    [{ count: 1.5, message: 'q"uote' }, 'map[count:1.5 message:q"uote]', 'cannot convert float64 to int32'],
    [{ lastTimestamp: 1 }, 'map[lastTimestamp:1]', 'json: cannot unmarshal number into Go value of type string'],
  ])('that gives a field another type is told as Go tells it: %j', (patch, shown, fault) => {
    // What apimachinery's StrategicMergeMapPatch and DefaultUnstructuredConverter answer for the same types.
    const schema = object({
      metadata: { type: 'object' },
      data: { type: 'object', additionalProperties: { type: 'string' } },
      binaryData: { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
      immutable: { type: 'boolean' },
      secrets: mergedBy('name'),
      count: { type: 'integer', format: 'int32' },
      message: { type: 'string' },
      lastTimestamp: { type: 'string', format: 'date-time' },
    });
    const message = `Invalid value: ${JSON.stringify(shown)}: ${fault}`;
    expect(patched({}, patch, schema)).toEqual({ type: 'untyped', cause: { reason: 'FieldValueInvalid', field: 'patch', message } });
  });

  it('is no patch where it is no object', () => {
    expect(patched({}, [])).toEqual({
      type: 'malformed',
      message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    });
  });

  it.each([
    [{ secrets: [{ kind: 'x' }] }, 'map: {"kind":"x"} does not contain declared merge key: name'],
    [{ secrets: [{ name: 'x', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ metadata: { $patch: 'nonsense' } }, 'unknown patch type: "nonsense" in map: {}'],
    [{ metadata: { $retainKeys: [], name: 'x' } }, 'invalid patch format of retainKeys'],
    [{ '$setElementOrder/secrets': {} }, 'invalid patch format of setElementOrder list'],
    [{ metadata: { finalizers: [['x']] } }, 'lists of lists are not supported'],
  ])('is refused where it makes no sense: %o', (patch, message) => {
    expect(patched({ metadata: { finalizers: ['f'] }, secrets: [{ name: 'a' }] }, patch)).toEqual({ type: 'malformed', message });
  });

  it('writes no prototype', () => {
    const patch = JSON.parse('{"metadata":{"__proto__":{"x":1},"labels":{"__proto__":"y"}}}') as unknown;
    expect(JSON.stringify(patched({ metadata: {} }, patch))).toBe('{"type":"patched","object":{"metadata":{"labels":{}}}}');
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
