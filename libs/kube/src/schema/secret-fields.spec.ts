import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { markedFields } from './secret-fields.ts';

const password: JsonObject = { type: 'string', format: 'password' };
const struct = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const spec = (properties: JsonObject): JsonObject => struct({ spec: struct(properties) });

test.each<[string, JsonObject, readonly string[]]>([
  ['a field', { pin: password, name: { type: 'string' } }, ['spec.pin']],
  ['at any depth', { a: struct({ b: struct({ pin: password }) }) }, ['spec.a.b.pin']],
  ['in the items of a list', { users: { type: 'array', items: struct({ pin: password }) } }, ['spec.users.*.pin']],
  ['in the values of a map', { users: { type: 'object', additionalProperties: struct({ pin: password }) } }, ['spec.users.*.pin']],
  ['items of a list count as the list', { pins: { type: 'array', items: password } }, ['spec.pins']],
  ['values of a map count as the map', { pins: { type: 'object', additionalProperties: password } }, ['spec.pins']],
  ['lists of lists', { pins: { type: 'array', items: { type: 'array', items: struct({ pin: password }) } } }, ['spec.pins.*.*.pin']],
  ['where a branch says so', { pin: { type: 'string', anyOf: [{ format: 'password' }] } }, ['spec.pin']],
  ['below a branch', { a: { type: 'object', allOf: [{ properties: { pin: password } }] } }, ['spec.a.pin']],
  ['nothing', { name: { type: 'string', format: 'hostname' } }, []],
])('%s', (_, properties, fields) => {
  expect(markedFields([spec(properties)]).map((field) => field.join('.'))).toEqual(fields);
});

test('all versions together, each field once, and never what every object says about itself', () => {
  const [one, two] = [spec({ pin: password }), spec({ pin: password, code: password })];
  expect(markedFields([one, two]).map((field) => field.join('.'))).toEqual(['spec.pin', 'spec.code']);
  expect(markedFields([struct({ metadata: struct({ name: password }), kind: password })])).toEqual([]);
});
