import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';

const schema = compileSchema({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      anyOf: [{ properties: { a: { minLength: 2 } } }],
      properties: {
        a: { type: 'string', maxLength: 3 },
        b: { type: 'string', maxLength: 3 },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        plain: { type: 'array', items: { type: 'object', properties: { v: { type: 'integer', maximum: 1 } } } },
        keyed: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 1 } } },
        },
      },
    },
  },
});

const rows: readonly { what: string; old: JsonObject; next: JsonObject; fields: readonly string[] }[] = [
  { what: 'tolerates what was wrong before', old: { a: 'long1' }, next: { a: 'long1', b: 'x' }, fields: [] },
  { what: 'reports what changes to wrong', old: { a: 'long1' }, next: { a: 'long1', b: 'long2' }, fields: ['spec.b'] },
  { what: 'reports a wrong value that changes to another', old: { a: 'long1' }, next: { a: 'long2' }, fields: ['spec.a'] },
  { what: 'tolerates below a junctor, too', old: { a: 'x' }, next: { a: 'x', b: 'y' }, fields: [] },
  {
    what: 'finds items of list maps by key',
    old: { keyed: [{ k: 'a', v: 5 }] },
    next: {
      keyed: [
        { k: 'b', v: 0 },
        { k: 'a', v: 5 },
      ],
    },
    fields: [],
  },
  {
    what: 'reports new items of list maps',
    old: { keyed: [{ k: 'a', v: 5 }] },
    next: { keyed: [{ k: 'b', v: 5 }] },
    fields: ['spec.keyed[0].v'],
  },
  { what: 'takes other lists as wholes', old: { plain: [{ v: 5 }] }, next: { plain: [{ v: 5 }, { v: 0 }] }, fields: ['spec.plain[0].v'] },
  { what: 'tolerates an unchanged list', old: { plain: [{ v: 5 }] }, next: { plain: [{ v: 5 }], b: 'x' }, fields: [] },
  { what: 'tolerates duplicates where there were some', old: { tags: ['a', 'a'] }, next: { tags: ['a', 'a', 'b'] }, fields: [] },
  { what: 'reports duplicates where there were none', old: { tags: ['a'] }, next: { tags: ['a', 'a'] }, fields: ['spec.tags[1]'] },
];

describe('an update', () => {
  it.each(rows)('$what', ({ old, next, fields }) => {
    expect(schema.validate({ spec: next }, { spec: old }).map(({ field }) => field)).toEqual(fields);
  });

  it('finds items by all of their keys, below a junctor as well', () => {
    const keys = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k', 'n'] };
    const item = { type: 'object', properties: { k: { type: 'string' }, n: { type: 'string' }, v: { type: 'integer' } } };
    const twice = compileSchema({
      type: 'object',
      properties: { l: { type: 'array', ...keys, items: item, allOf: [{ items: { properties: { v: { maximum: 1 } } } }] } },
    });
    const old = {
      l: [
        { k: 'a', n: 'x', v: 0 },
        { k: 'a', n: 'y', v: 5 },
      ],
    };
    expect(twice.validate({ l: [{ k: 'a', n: 'y', v: 5 }] }, old)).toEqual([]);
    expect(twice.validate({ l: [{ k: 'a', n: 'x', v: 5 }] }, old).map(({ field }) => field)).toEqual(['l[0].v', '<nil>']);
  });

  it('does not tolerate what the old object does not show', () => {
    const meta = compileSchema({ type: 'object', properties: { kind: { type: 'string', maxLength: 1 } } });
    expect(meta.validate({ kind: 'Wrong' }, { kind: 'Wrong', metadata: {} }).map(({ field }) => field)).toEqual(['kind']);
  });
});
