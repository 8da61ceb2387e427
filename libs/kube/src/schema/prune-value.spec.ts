import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';
import { pruneObjectMeta } from './prune-value.ts';

const text = { type: 'string' };
const preserving = { 'x-kubernetes-preserve-unknown-fields': true };

const cases: readonly { what: string; spec: JsonObject; value: JsonObject; kept: JsonObject; unknown: readonly string[] }[] = [
  { what: 'a field that is not named', spec: { properties: { a: text } }, value: { a: 'x', b: 1 }, kept: { a: 'x' }, unknown: ['spec.b'] },
  {
    what: 'a field in a list of objects',
    spec: { properties: { l: { type: 'array', items: { type: 'object', properties: { a: text } } } } },
    value: { l: [{ a: 'x' }, { a: 'y', b: 1 }] },
    kept: { l: [{ a: 'x' }, { a: 'y' }] },
    unknown: ['spec.l[1].b'],
  },
  {
    what: 'a field in a map of objects',
    spec: { additionalProperties: { type: 'object', properties: { a: text } } },
    value: { k: { a: '', b: 1 } },
    kept: { k: { a: '' } },
    unknown: ['spec.k.b'],
  },
  {
    what: 'the inside of objects in a map of anything',
    spec: { additionalProperties: true },
    value: { o: { p: 1 }, n: 1, l: [{ q: 1 }] },
    kept: { o: {}, n: 1, l: [{}] },
    unknown: ['spec.o.p', 'spec.l[0].q'],
  },
  {
    what: 'nothing where unknown fields are preserved',
    spec: preserving,
    value: { x: { y: null } },
    kept: { x: { y: null } },
    unknown: [],
  },
  {
    what: 'a field below a named one that does not preserve them itself',
    spec: { ...preserving, properties: { q: { type: 'object', properties: {} } } },
    value: { x: 1, q: { w: 1 } },
    kept: { x: 1, q: {} },
    unknown: ['spec.q.w'],
  },
  {
    what: 'the metadata of an embedded resource down to ObjectMeta',
    spec: { 'x-kubernetes-embedded-resource': true, properties: { a: text } },
    value: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n', foo: 1, ownerReferences: [{ uid: 'u', bar: 1 }] }, a: 'x', b: 1 },
    kept: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n', ownerReferences: [{ uid: 'u' }] }, a: 'x' },
    unknown: ['spec.metadata.foo', 'spec.metadata.ownerReferences[0].bar', 'spec.b'],
  },
  { what: 'no null', spec: { properties: { a: text } }, value: { a: null }, kept: { a: null }, unknown: [] },
];

describe('pruning drops', () => {
  it.each(cases)('$what', ({ spec, value, kept, unknown }) => {
    const schema = compileSchema({ type: 'object', properties: { spec: { type: 'object', ...spec } } });
    expect(schema.prune({ spec: value })).toEqual({ object: { spec: kept }, unknown });
  });

  it('keeps the items of a list that preserves unknown fields', () => {
    const items = { type: 'object', properties: { b: { type: 'object', properties: {} } } };
    const schema = compileSchema({ type: 'object', properties: { l: { type: 'array', ...preserving, items } } });
    expect(schema.prune({ l: [{ x: 1, b: { y: 1 } }] })).toEqual({ object: { l: [{ x: 1, b: {} }] }, unknown: ['l[0].b.y'] });
  });

  it('leaves apiVersion, kind and metadata at the root', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'n', labels: { a: 'b' }, managedFields: [{ fieldsV1: { 'f:a': {} } }] },
    };
    const result = compileSchema({ type: 'object' }).prune(object);
    expect(result.object).toBe(object);
    expect(result.unknown).toEqual([]);
  });

  it('does the same to metadata alone', () => {
    expect(pruneObjectMeta({ name: 'n', foo: 1 })).toEqual({ metadata: { name: 'n' }, unknown: ['metadata.foo'] });
  });
});
