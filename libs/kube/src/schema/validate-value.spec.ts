import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';

/** [schema of spec.a, its value, what is reported as `field | message`]. The expectations are upstream's own output. */
type Row = readonly [schema: JsonObject, value: Json, reported: readonly string[]];

const types: readonly Row[] = [
  [{ type: 'string' }, 1, ['spec.a | Invalid value: "integer": spec.a in body must be of type string: "integer"']],
  [{ type: 'string' }, null, ['spec.a | Invalid value: "null": spec.a in body must be of type string: "null"']],
  [{ type: 'string', nullable: true }, null, []],
  [{ type: 'object' }, [1], ['spec.a | Invalid value: "array": spec.a in body must be of type object: "array"']],
  [{ type: 'array', items: { type: 'string' } }, {}, ['spec.a | Invalid value: "object": spec.a in body must be of type array: "object"']],
  [{ type: 'boolean' }, 'true', ['spec.a | Invalid value: "string": spec.a in body must be of type boolean: "string"']],
  [{ type: 'integer' }, 1.5, ['spec.a | Invalid value: "number": spec.a in body must be of type integer: "number"']],
  [{ type: 'integer' }, 1e19, ['spec.a | Invalid value: "number": spec.a in body must be of type integer: "number"']],
  [{ type: 'number' }, 1, []],
  [{ 'x-kubernetes-int-or-string': true }, 'a', []],
  [{ 'x-kubernetes-int-or-string': true }, 7, []],
  [
    { 'x-kubernetes-int-or-string': true },
    1.5,
    ['spec.a | Invalid value: "number": spec.a in body must be of type integer,string: "number"'],
  ],
  [{ 'x-kubernetes-preserve-unknown-fields': true }, [{}, null], []],
  [{ type: 'integer', format: 'int32' }, 5_000_000_000, []],
  [{ type: 'string', format: 'date' }, 5, ['spec.a | Invalid value: "int64": spec.a in body must be of type date: "int64"']],
  [{ type: 'string', format: 'date' }, true, ['spec.a | Invalid value: "": spec.a in body must be of type date: ""']],
  [{ type: 'string', format: 'date-time' }, 'nope', ['spec.a | Invalid value: "nope": spec.a in body must be of type date-time: "nope"']],
];

const texts: readonly Row[] = [
  [{ type: 'string', minLength: 3 }, 'é', ['spec.a | Invalid value: "é": spec.a in body should be at least 3 chars long']],
  [{ type: 'string', maxLength: 1 }, '😀', []],
  [{ type: 'string', maxLength: 1 }, 'ée', ['spec.a | Too long: may not be more than 1 bytes']],
  [{ type: 'string', pattern: 'b+' }, 'abc', []],
  [{ type: 'string', pattern: '^a+$' }, 'b', [`spec.a | Invalid value: "b": spec.a in body should match '^a+$'`]],
  [{ type: 'string', pattern: '^\\p{Greek}+$' }, 'αβ', []],
  [{ type: 'string', enum: ['x'] }, 'bell\u0007é"', ['spec.a | Unsupported value: "bell\\aé\\"": supported values: "x"']],
  [{ type: 'string', enum: ['x'], nullable: true }, null, ['spec.a | Unsupported value: "null": supported values: "x"']],
];

const numbers: readonly Row[] = [
  [
    { type: 'number', minimum: 200_000_000 },
    123_456_789.5,
    ['spec.a | Invalid value: 1.234567895e+08: spec.a in body should be greater than or equal to 2e+08'],
  ],
  [{ type: 'number', maximum: 0.00001 }, 0.5, ['spec.a | Invalid value: 0.5: spec.a in body should be less than or equal to 1e-05']],
  [{ type: 'integer', minimum: 5, exclusiveMinimum: true }, 5, ['spec.a | Invalid value: 5: spec.a in body should be greater than 5']],
  [{ type: 'integer', maximum: 5, exclusiveMaximum: true }, 5, ['spec.a | Invalid value: 5: spec.a in body should be less than 5']],
  [{ type: 'integer', multipleOf: 2 }, 3, ['spec.a | Invalid value: 3: spec.a in body should be a multiple of 2']],
  [{ type: 'number', multipleOf: 0.1 }, 0.3, []],
  [{ type: 'number', multipleOf: 0.1 }, 0.35, ['spec.a | Invalid value: 0.35: spec.a in body should be a multiple of 0.1']],
  [{ type: 'integer', enum: [1, 2] }, 3, ['spec.a | Unsupported value: 3: supported values: "1", "2"']],
  [
    { type: 'integer', multipleOf: 2, minimum: 5, maximum: 2 },
    3,
    [
      'spec.a | Invalid value: 3: spec.a in body should be a multiple of 2',
      'spec.a | Invalid value: 3: spec.a in body should be greater than or equal to 5',
      'spec.a | Invalid value: 3: spec.a in body should be less than or equal to 2',
    ],
  ],
];

const collections: readonly Row[] = [
  [
    { type: 'array', minItems: 1, items: { type: 'string' } },
    [],
    ['spec.a | Invalid value: 0: spec.a in body should have at least 1 items'],
  ],
  [{ type: 'array', maxItems: 1, items: { type: 'string' } }, ['x', 'y'], ['spec.a | Too many: 2: must have at most 1 items']],
  [{ type: 'object', minProperties: 1 }, {}, ['spec.a | Invalid value: 0: spec.a in body should have at least 1 properties']],
  [
    { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    { x: 1, y: 'z' },
    [
      'spec.a | Too many: 2: must have at most 1 items',
      'spec.a.x | Invalid value: "integer": spec.a.x in body must be of type string: "integer"',
    ],
  ],
  [
    { type: 'array', items: { type: 'string' } },
    ['x', 1],
    ['spec.a[1] | Invalid value: "integer": spec.a[1] in body must be of type string: "integer"'],
  ],
  [{ type: 'object', required: ['b', 'c'], properties: { b: {} } }, { b: 1 }, ['spec.a.c | Required value']],
  [
    { type: 'object', properties: { k: { type: 'string' } }, enum: [{ k: 'v' }] },
    { k: 'w' },
    ['spec.a | Unsupported value: map[string]interface {}{"k":"w"}: supported values: "{\\"k\\":\\"v\\"}"'],
  ],
  [{ type: 'object', additionalProperties: false }, { k: 1 }, ['spec.a | Invalid value: "k": spec.a.k in body is a forbidden property']],
  [
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ['a', 'b', 'a', 'a'],
    ['spec.a[2] | Duplicate value: "a"'],
  ],
  [
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['n', 'p'],
      items: { type: 'object', properties: { n: { type: 'string' }, p: { type: 'integer' } } },
    },
    [{ n: 'a', p: 1 }, { p: 1, n: 'a' }, { n: 'a' }],
    ['spec.a[1] | Duplicate value: map[string]interface {}{"n":"a", "p":1}'],
  ],
  [
    { type: 'object', additionalProperties: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } },
    { m: ['a', 'a'] },
    ['spec.a[m][1] | Duplicate value: "a"'],
  ],
];

const two = { b: { type: 'string' }, c: { type: 'string' } };
const junctors: readonly Row[] = [
  [
    { type: 'object', properties: two, anyOf: [{ required: ['b'] }, { required: ['c'] }] },
    {},
    ['<nil> | Invalid value: "": "spec.a" must validate at least one schema (anyOf)', 'spec.a.b | Required value'],
  ],
  [{ type: 'object', properties: two, anyOf: [{ required: ['b'] }, { required: ['c'] }] }, { c: '' }, []],
  [
    { type: 'object', properties: two, oneOf: [{ required: ['b'] }, { required: ['c'] }] },
    { b: '', c: '' },
    ['<nil> | Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    { type: 'object', properties: two, oneOf: [{ properties: { b: { minLength: 2 } }, required: ['c'] }, { required: ['c'] }] },
    { b: 'xx' },
    ['<nil> | Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid', 'spec.a.c | Required value'],
  ],
  [
    { type: 'object', properties: two, not: { required: ['b'] } },
    { b: '' },
    ['<nil> | Invalid value: "": "spec.a" must not validate the schema (not)'],
  ],
  [
    { type: 'integer', allOf: [{ minimum: 5 }, { multipleOf: 2 }] },
    3,
    [
      'spec.a | Invalid value: 3: spec.a in body should be greater than or equal to 5',
      'spec.a | Invalid value: 3: spec.a in body should be a multiple of 2',
      '<nil> | Invalid value: "": "spec.a" must validate all the schemas (allOf). None validated',
    ],
  ],
  [
    { type: 'integer', allOf: [{ minimum: 5 }, { multipleOf: 3 }] },
    3,
    [
      'spec.a | Invalid value: 3: spec.a in body should be greater than or equal to 5',
      '<nil> | Invalid value: "": "spec.a" must validate all the schemas (allOf)',
    ],
  ],
  [
    { type: 'integer', minimum: 5, allOf: [{ minimum: 5 }] },
    3,
    [
      'spec.a | Invalid value: 3: spec.a in body should be greater than or equal to 5',
      '<nil> | Invalid value: "": "spec.a" must validate all the schemas (allOf). None validated',
    ],
  ],
];

const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true };
const resources: readonly Row[] = [
  [embedded, {}, ['spec.a.apiVersion | Required value: must not be empty', 'spec.a.kind | Required value: must not be empty']],
  [embedded, { apiVersion: 'v1', kind: 'Secret', metadata: { labels: { a: 'b' } } }, []],
  [
    embedded,
    { apiVersion: 'a/b/c', kind: 'Secret' },
    ['spec.a.apiVersion | Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    embedded,
    { apiVersion: 'v1', kind: 'Secret', metadata: { labels: 5 } },
    ['spec.a.metadata.labels | Invalid value: "integer": spec.a.metadata.labels in body must be of type object: "integer"'],
  ],
];

describe.each(Object.entries({ types, texts, numbers, collections, junctors, resources }))('%s', (_, rows) => {
  it.each(rows)('%j with %j', (schema, value, reported) => {
    const compiled = compileSchema({ type: 'object', properties: { spec: { type: 'object', properties: { a: schema } } } });
    expect(compiled.validate({ spec: { a: value } }).map(({ field, message }) => `${field} | ${message}`)).toEqual(reported);
  });
});

describe('the root itself', () => {
  it('prints as <nil> where it is at fault', () => {
    expect(compileSchema({ type: 'object', minProperties: 9 }).validate({})).toEqual([
      { reason: 'FieldValueInvalid', message: 'Invalid value: 0:  in body should have at least 9 properties', field: '<nil>' },
    ]);
  });
});
