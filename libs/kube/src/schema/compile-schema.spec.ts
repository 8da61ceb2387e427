import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';
import { widgetSchema } from './widget-schema.fixture.ts';

const widget = compileSchema(widgetSchema);
const named = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } };

describe('a widget, checked as the recorded server did', () => {
  it('loses unknown fields and gains defaults', () => {
    const { object, unknown } = widget.prune({ ...named, spec: { bogus: 1, items: [{ name: 'x' }] } });
    expect(unknown).toEqual(['spec.bogus']);
    expect(widget.default(object)).toEqual({ ...named, spec: { items: [{ name: 'x', value: 'dv' }], color: 'red', replicas: 1 } });
  });

  it('names unknown metadata fields like others', () => {
    const { object, unknown } = widget.prune({ ...named, metadata: { name: 'b', foo: 'x' }, spec: { bogus: 1, color: 'blue' } });
    expect(unknown).toEqual(['metadata.foo', 'spec.bogus']);
    expect(object).toEqual({ ...named, metadata: { name: 'b' }, spec: { color: 'blue' } });
  });

  it('reports every violation in the order of the document, lists last, and that rules were not checked', () => {
    const spec = { color: 'pink', replicas: -1, tags: ['a', 'a'], items: [{ name: 'x' }, { name: 'x' }], size: 5 };
    expect(widget.validate({ ...named, spec })).toEqual([
      {
        reason: 'FieldValueNotSupported',
        message: 'Unsupported value: "pink": supported values: "red", "green", "blue"',
        field: 'spec.color',
      },
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
        field: 'spec.replicas',
      },
      {
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "integer": spec.size in body must be of type string: "integer"',
        field: 'spec.size',
      },
      { reason: 'FieldValueDuplicate', message: 'Duplicate value: "a"', field: 'spec.tags[1]' },
      { reason: 'FieldValueDuplicate', message: 'Duplicate value: map[string]interface {}{"name":"x"}', field: 'spec.items[1]' },
      notChecked,
    ]);
  });

  it('misses a required field', () => {
    expect(widget.validate(named)).toEqual([{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec' }, notChecked]);
  });

  it('says nothing of rules where the violations do not keep them from running', () => {
    expect(widget.validate({ ...named, spec: { replicas: -1 } }).map(({ field }) => field)).toEqual(['spec.replicas']);
  });

  it('says nothing of rules where the schema has none', () => {
    const plain = compileSchema({ type: 'object', required: ['spec'] });
    expect(plain.validate(named)).toEqual([{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec' }]);
  });

  it('comes back as the same object where nothing changes', () => {
    const object = { ...named, spec: { color: 'red', replicas: 1, items: [{ name: 'x', value: 'y' }] } };
    expect(widget.prune(object).object).toBe(object);
    expect(widget.default(object)).toBe(object);
  });

  it('is never changed itself', () => {
    const object = deepFrozen({ ...named, spec: { bogus: 1, color: null, items: [{ name: 'x', bogus: 1 }], tags: ['a', 'a'] } });
    expect(() => widget.validate(widget.default(widget.prune(object).object), object)).not.toThrow();
  });
});

const notChecked = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

describe('fields with the names of prototype members', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is unknown', (name) => {
    const object = JSON.parse(`{"spec":{"${name}":{"polluted":true}}}`) as JsonObject;
    const pruned = widget.prune(object);
    expect(pruned.unknown).toEqual([`spec.${name}`]);
    expect(JSON.stringify(pruned.object)).toBe('{"spec":{}}');
    expect(JSON.stringify(widget.default(object))).toContain(`"${name}":{"polluted":true}`);
  });

  it('are required, defaulted and checked like others', () => {
    const source = JSON.parse(
      '{"type":"object","required":["toString"],"properties":{"__proto__":{"type":"string","default":"x"},"constructor":{"type":"integer"}}}',
    ) as JsonObject;
    const schema = compileSchema(source);
    expect(JSON.stringify(schema.default({}))).toBe('{"__proto__":"x"}');
    expect(schema.validate({ constructor: 'a' }).map(({ field }) => field)).toEqual(['constructor', 'toString']);
    expect(schema.prune(JSON.parse('{"__proto__":"x"}') as JsonObject).unknown).toEqual([]);
  });
});

describe('on arbitrary JSON', () => {
  const anyObject = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('spec', 'items', 'free', 'embed', 'metadata', '__proto__')),
    fc.jsonValue(),
  );

  it('pruning and defaulting never throw, and a second time changes nothing', () => {
    fc.assert(
      fc.property(anyObject, fc.jsonValue(), (object, spec) => {
        const once = complete({ ...object, spec } as JsonObject);
        expect(complete(once)).toBe(once);
        expect(widget.prune(once).unknown).toEqual([]);
      }),
    );
  });

  it('validation never throws, and an unchanged object is never refused for its values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (spec) => {
        const object = { spec: spec as Json };
        expect(() => widget.validate(object)).not.toThrow();
        const causes = widget.validate(object, object).filter(({ field }) => !field.startsWith('spec.embed'));
        // A rule that cannot be evaluated is no mere violation: what did not change is no excuse for it.
        expect(causes.filter(({ message }) => !message.endsWith('evaluating rule: too many'))).toEqual([]);
      }),
    );
  });

  function complete(object: JsonObject): JsonObject {
    return widget.prune(widget.default(object)).object;
  }
});

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}
