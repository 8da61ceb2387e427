import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

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
      const answer = patched(original, patch, schemas[kind]);
      expect(JSON.stringify([original, patch])).toBe(before);
      return JSON.stringify(sorted(answer.type === 'patched' ? answer.object : undefined)) !== JSON.stringify(sorted(result));
    });
    expect(wrong.map((vector) => ({ ...vector, answer: patched(vector.original, vector.patch, schemas[vector.kind]) }))).toEqual([]);
  });

  it('merges the elements of a list by their key, and appends new ones', () => {
    const original = { secrets: [{ name: 'a', kind: 'x' }, { name: 'b' }] };
    expect(patched(original, { secrets: [{ name: 'c' }, { name: 'a', uid: 'u' }] })).toEqual({
      type: 'patched',
      object: { secrets: [{ name: 'c' }, { name: 'a', kind: 'x', uid: 'u' }, { name: 'b' }] },
    });
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
