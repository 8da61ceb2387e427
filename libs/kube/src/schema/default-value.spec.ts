import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';

const counted = { type: 'object', properties: { x: { type: 'integer', default: 3 } } };

const cases: readonly { what: string; properties: JsonObject; value: JsonObject; filled: JsonObject }[] = [
  { what: 'a missing field', properties: { a: { type: 'string', default: 'd' } }, value: {}, filled: { a: 'd' } },
  { what: 'no field that is there', properties: { a: { type: 'boolean', default: true } }, value: { a: false }, filled: { a: false } },
  { what: 'nothing below a missing parent', properties: { p: counted }, value: {}, filled: {} },
  {
    what: 'a parent and what is missing in its default',
    properties: { p: { ...counted, default: {} } },
    value: {},
    filled: { p: { x: 3 } },
  },
  {
    what: 'the items of lists',
    properties: { l: { type: 'array', items: counted } },
    value: { l: [{}, { x: 1 }] },
    filled: { l: [{ x: 3 }, { x: 1 }] },
  },
  {
    what: 'the values of maps',
    properties: { m: { type: 'object', additionalProperties: counted } },
    value: { m: { k: {} } },
    filled: { m: { k: { x: 3 } } },
  },
  { what: 'for a null that is not allowed', properties: { a: { type: 'string', default: 'd' } }, value: { a: null }, filled: { a: 'd' } },
  { what: 'nothing for a null without a default: it vanishes', properties: { a: { type: 'string' } }, value: { a: null }, filled: {} },
  {
    what: 'nothing for a null that is allowed',
    properties: { a: { type: 'string', nullable: true, default: 'd' } },
    value: { a: null },
    filled: { a: null },
  },
  {
    what: 'null items',
    properties: { l: { type: 'array', items: { ...counted, default: { x: 9 } } } },
    value: { l: [null] },
    filled: { l: [{ x: 9 }] },
  },
  {
    what: 'no null item without a default: it stays',
    properties: { l: { type: 'array', items: counted } },
    value: { l: [null] },
    filled: { l: [null] },
  },
  {
    what: 'no null in a map: it vanishes',
    properties: { m: { type: 'object', additionalProperties: { type: 'string' } } },
    value: { m: { k: null, j: 'x' } },
    filled: { m: { j: 'x' } },
  },
  { what: 'nothing in what the schema does not know', properties: {}, value: { u: { v: null } }, filled: { u: { v: null } } },
];

describe('defaulting fills in', () => {
  it.each(cases)('$what', ({ properties, value, filled }) => {
    const schema = compileSchema({ type: 'object', properties: { spec: { type: 'object', properties } } });
    const result = schema.default({ spec: value });
    expect(result).toEqual({ spec: filled });
    expect(schema.default(result)).toBe(result);
  });

  it('values that nobody can change for others', () => {
    const schema = compileSchema({ type: 'object', properties: { p: { ...counted, default: {} } } });
    const first = schema.default({}) as { p: { x: Json } };
    expect(() => {
      first.p.x = 5;
    }).toThrow(TypeError);
    expect(schema.default({})).toEqual({ p: { x: 3 } });
  });
});
