import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import { fieldsByShape } from './first-fields.ts';
import { noFields } from './field-set.ts';
import { encodeFields } from './fields-v1.ts';
import { everyField } from './to-field-set.ts';
import { fieldTypeOf } from './type-of-schema.ts';

const text = { type: 'string' };
const item = { type: 'object', properties: { name: text, a: text } };
const type = fieldTypeOf(
  compileSchema({
    type: 'object',
    properties: {
      a: text,
      atomic: { type: 'array', items: item },
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
      keyed: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: item },
      map: { type: 'object', additionalProperties: text },
      whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, map: { type: 'object' } } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  }),
);

const names = fc.constantFrom('a', 'atomic', 'set', 'keyed', 'map', 'whole', 'free', 'name', '', '1:a', 'é');
const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, 'x', 'y', 1, 2.5, true, {}, []),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<JsonObject>,
}));

test('what is remembered by shape is what is found anew', () => {
  const find = (_: typeof type, value: JsonObject): JsonObject => encodeFields(everyField(type, value));
  const remembered = fieldsByShape(find);
  fc.assert(
    fc.property(object, (value) => {
      expect(remembered(type, value, noFields)).toEqual(find(type, value));
    }),
    { numRuns: 2_000 },
  );
});

test('two objects of one shape are looked at once', () => {
  let looked = 0;
  const remembered = fieldsByShape(() => ({ 'f:looked': { [`f:${(looked += 1)}`]: {} } }));
  const first = remembered(type, { a: 'x', map: { k: 'v' }, atomic: [{ name: '1' }] }, noFields);
  expect(remembered(type, { a: 'y', map: { k: 'w' }, atomic: [{ name: '2' }, {}] }, noFields)).toBe(first);
  expect(remembered(type, { a: 'y', map: { l: 'w' }, atomic: [] }, noFields)).not.toBe(first);
  expect(remembered(type, { a: 'x', map: { k: 'v' }, atomic: [{ name: '1' }] }, new Map())).not.toBe(first);
  // Keys that only look like two.
  expect(remembered(type, { free: { a: 'x', b: 'x' } }, noFields)).not.toBe(remembered(type, { free: { asb: 'x' } }, noFields));
  // Items of a set are fields of their own.
  expect(remembered(type, { set: ['x'] }, noFields)).not.toBe(remembered(type, { set: ['x'] }, noFields));
});
