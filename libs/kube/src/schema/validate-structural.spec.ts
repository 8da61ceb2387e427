import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { validateStructuralSchema } from './validate-structural.ts';
import { widgetSchema } from './widget-schema.fixture.ts';

const at = 'spec.versions[0].schema.openAPIV3Schema';

function problems(schema: JsonObject): readonly string[] {
  return validateStructuralSchema(schema, at).map(({ field, message }) => `${field.replace(at, '')}: ${message}`);
}

function problemsOf(a: JsonObject): readonly string[] {
  return problems({ type: 'object', properties: { a } });
}

const list = (items: JsonObject, more: JsonObject): JsonObject => ({ type: 'array', items, ...more });
const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] };
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const text = { type: 'string' };

describe('the root', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{}, ['.type: Required value: must not be empty at the root']],
    [{ type: 'string' }, ['.type: Invalid value: "string": must be object at the root']],
    [{ type: 'object', nullable: true }, ['.nullable: Forbidden: nullable cannot be true at the root']],
    [{ type: 'object', additionalProperties: text }, ['.additionalProperties: Forbidden: must not be used at the root']],
    [object({ kind: { type: 'integer' } }), ['.properties[kind].type: Invalid value: "integer": must be string']],
    [object({ metadata: text }), ['.properties[metadata].type: Invalid value: "string": must be object']],
    [object({ metadata: { type: 'object', properties: { name: { type: 'string', pattern: '^a' } } } }), []],
    [
      object({ metadata: object({ labels: { type: 'object' } }) }),
      [
        '.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      object({ metadata: object({ name: { type: 'string', default: 'x' } }) }),
      ['.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata'],
    ],
    [
      object({ a: text }, { anyOf: [{ properties: { b: { minLength: 1 } } }] }),
      [`.properties[b]: Required value: because it is defined in ${at}.anyOf[0].properties[b]`],
    ],
  ])('%j', (schema, expected) => {
    expect(problems(schema)).toEqual(expected);
  });
});

describe('types', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{}, ['.properties[a].type: Required value: must not be empty for specified object fields']],
    [{ type: 'array' }, ['.properties[a].items: Required value: must be specified']],
    [list({}, {}), ['.properties[a].items.type: Required value: must not be empty for specified array items']],
    [
      { type: 'strin' },
      ['.properties[a].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"'],
    ],
    [{ 'x-kubernetes-preserve-unknown-fields': true }, []],
    [{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text] }, []],
    [{ 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: [{ type: 'integer' }, text] }, { pattern: 'x' }] }, []],
    [{ type: 'string', anyOf: [{ type: 'integer' }] }, ['.properties[a].anyOf[0].type: Forbidden: must be empty to be structural']],
    [
      { type: 'string', pattern: '(a' },
      [
        '.properties[a].pattern: Invalid value: "(a": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(a`',
      ],
    ],
    [
      object({ b: text }, { additionalProperties: text }),
      ['.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
    ],
    [
      { 'x-kubernetes-preserve-unknown-fields': false, type: 'object' },
      ['.properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined'],
    ],
  ])('%j', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected);
  });
});

describe('junctors', () => {
  it('may not give anything its shape', () => {
    const branch = {
      properties: { b: { type: 'string', default: 'x' } },
      nullable: true,
      title: 't',
      description: 'd',
      'x-kubernetes-list-type': 'set',
    };
    expect(problemsOf(object({ b: text }, { oneOf: [branch] }))).toEqual([
      '.properties[a].oneOf[0].description: Forbidden: must be empty to be structural',
      '.properties[a].oneOf[0].nullable: Forbidden: must be false to be structural',
      '.properties[a].oneOf[0].properties[b].default: Forbidden: must be undefined to be structural',
      '.properties[a].oneOf[0].properties[b].type: Forbidden: must be empty to be structural',
      '.properties[a].oneOf[0].title: Forbidden: must be empty to be structural',
      '.properties[a].oneOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be structural',
      '.properties[a].oneOf[0].type: Required value: must be array if x-kubernetes-list-type is specified',
    ]);
  });
});

describe('lists and maps', () => {
  it.each<[JsonObject, readonly string[]]>([
    [
      list(text, { uniqueItems: true }),
      ['.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic'],
    ],
    [
      list(text, { 'x-kubernetes-list-type': 'foo' }),
      ['.x-kubernetes-list-type: Unsupported value: "foo": supported values: "atomic", "set", "map"'],
    ],
    [
      list(object({ n: text }), { 'x-kubernetes-list-type': 'set' }),
      ['.items.x-kubernetes-map-type: Invalid value: "null": must be atomic as item of a list with x-kubernetes-list-type=set'],
    ],
    [
      list(text, { 'x-kubernetes-list-map-keys': ['x'] }),
      ['.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty'],
    ],
    [
      list(text, { 'x-kubernetes-list-type': 'map' }),
      [
        '.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
        '.items.type: Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map',
      ],
    ],
    [
      list(object({ n: text }), keyed),
      [
        '.items.properties[n].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ],
    ],
    [list(object({ n: { type: 'string', default: '' } }), keyed), []],
    [
      list(object({ m: text }), { ...keyed, 'x-kubernetes-list-map-keys': ['n', 'n'] }),
      [
        '.x-kubernetes-list-map-keys: Invalid value: []string{"n", "n"}: entries must all be names of item properties',
        '.x-kubernetes-list-map-keys: Invalid value: []string{"n", "n"}: entries must all be names of item properties',
        '.x-kubernetes-list-map-keys: Invalid value: []string{"n", "n"}: must not contain duplicate entries',
      ],
    ],
    [
      { type: 'object', 'x-kubernetes-map-type': 'foo' },
      ['.x-kubernetes-map-type: Unsupported value: "foo": supported values: "atomic", "granular"'],
    ],
  ])('%j', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected.map((problem) => `.properties[a]${problem}`));
  });
});

describe('defaults', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{ type: 'string', default: 5 }, ['.default: Invalid value: "integer":  in body must be of type string: "integer"']],
    [
      object({ b: { type: 'string', minLength: 2 } }, { default: { b: 'x' } }),
      ['.default.b: Invalid value: "x": b in body should be at least 2 chars long'],
    ],
    [object({ b: text }, { default: { c: 1 } }), ['.default: Invalid value: map[string]interface {}{"c":1}: must not have unknown fields']],
    [object({ b: { type: 'integer', default: 1 } }, { default: {} }), []],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true, default: { kind: 'x' } },
      ['.default.apiVersion: Required value: must not be empty'],
    ],
  ])('%j', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected.map((problem) => `.properties[a]${problem}`));
  });
});

describe('embedded resources', () => {
  it.each<[JsonObject, readonly string[]]>([
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      [
        '.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ],
    ],
    [
      { type: 'string', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      ['.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true'],
    ],
    [
      { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
      ['.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true'],
    ],
  ])('%j', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected.map((problem) => `.properties[a]${problem}`));
  });
});

describe('texts around rules', () => {
  it('are checked, the rules are not', () => {
    const rules = [{ rule: '' }, { rule: 'true', message: ' ' }, { rule: 'true', reason: 'Foo' }, { rule: 'a ||\n b' }];
    expect(problemsOf({ type: 'object', 'x-kubernetes-validations': rules })).toEqual([
      '.properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified',
      '.properties[a].x-kubernetes-validations[1].message: Invalid value: " ": must be non-empty if specified',
      '.properties[a].x-kubernetes-validations[2].reason: Unsupported value: "Foo": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
      '.properties[a].x-kubernetes-validations[3].message: Required value: message must be specified if rule contains line breaks',
    ]);
  });
});

describe('a schema that is not even one', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{ properties: [] }, ['.properties[a].properties: Invalid value: "array": must be an object of objects']],
    [{ type: 5 }, ['.properties[a].type: Invalid value: "number": must be a string']],
    [{ type: 'string', required: 'x' }, ['.properties[a].required: Invalid value: "string": must be a list of strings']],
    [{ type: 'string', maxLength: 1.5 }, ['.properties[a].maxLength: Invalid value: "number": must be an integer']],
    [{ type: 'string', anyOf: [1] }, ['.properties[a].anyOf: Invalid value: "array": must be a list of objects']],
    [
      { type: 'array', items: [text] },
      [
        '.properties[a].items: Required value: must be specified',
        '.properties[a].items: Forbidden: items must be a schema object and not an array',
      ],
    ],
    [{ $ref: '#/x', type: 'string' }, ['.properties[a].$ref: Forbidden: $ref is not supported']],
  ])('%j', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected);
  });

  it('is refused before it can exhaust anyone', () => {
    let nested: JsonObject = text;
    for (let depth = 0; depth < 100_000; depth++) nested = { type: 'array', items: nested };
    expect(problems({ type: 'object', properties: { a: nested } })).toEqual([': Forbidden: must not be nested deeper than 200 levels']);
    expect(problems({ type: 'object', enum: Array.from({ length: 100_001 }, (_, index) => index) })).toEqual([
      ': Forbidden: must not have more than 100000 values',
    ]);
  });
});

it('a sound schema has no problems', () => {
  expect(problems(widgetSchema)).toEqual([]);
});
