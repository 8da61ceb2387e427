import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import { compileText } from './program.ts';
import { dynType } from './types.ts';

const named = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } };

function schemaOf(rules: readonly JsonObject[], properties: JsonObject): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } } };
}

describe('a whole number beyond 2^53 in a rule', () => {
  const properties = {
    n: { type: 'integer' },
    double: { type: 'number' },
    either: { 'x-kubernetes-int-or-string': true },
    any: { type: 'object', additionalProperties: { type: 'integer' } },
    list: { type: 'array', items: { type: 'integer' }, maxItems: 3 },
  };
  const big = 9_007_199_254_740_993n;
  const spec = { n: big, double: big, either: big, any: { a: big }, list: [big, 9_007_199_254_740_992n] };

  it.each([
    ['self.n == 9007199254740993 && self.n != 9007199254740992', true],
    ['self.n - 1 == 9007199254740992', true],
    ['self.n > self.list[1] && self.n == self.any["a"]', true],
    ['uint(self.n) == 9007199254740993u && string(self.n) == "9007199254740993"', true],
    ['self.double == 9007199254740992.0', true],
    ['self.either == 9007199254740993', true],
    ['9007199254740993 in self.list && !(9007199254740994 in self.list)', true],
    ['self.n == 9007199254740992', false],
  ])('%s: %s', (rule, holds) => {
    const causes = compileSchema(schemaOf([{ rule, message: 'no' }], properties)).validate({ ...named, spec });
    expect(causes.map(({ message }) => message)).toEqual(holds ? [] : ['Invalid value: "object": no']);
  });
});

describe('a rule that would take long', () => {
  const properties = { list: { type: 'array', items: { type: 'integer' } }, text: { type: 'string' } };
  const spec = { list: Array.from({ length: 50_000 }, (_, index) => index), text: `${'a'.repeat(50_000)}b` };
  const endless = [
    'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))',
    'self.list.map(a, self.list.map(b, a * b)).size() > 0',
    'self.list.exists(a, self.list.distinct().size() < 0)',
    'self.list.all(a, !self.text.matches("(a+)+$"))',
    "self.list.map(a, self.text + self.text).join(',').size() > 0",
  ];

  it.each(endless)('%s is given up', (rule) => {
    const began = performance.now();
    const causes = compileSchema(schemaOf([{ rule, message: 'm' }, { rule: 'false' }], properties)).validate({ ...named, spec });
    expect(causes.map(({ message }) => message)).toEqual([
      `Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: m`,
    ]);
    // Upstream's budget is a tenth of a second; the bound leaves room for a busy machine.
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('is given up where each call is cheap enough but all of them are not', () => {
    const rule = 'self.list.all(a, a >= 0)';
    const causes = compileSchema(
      schemaOf(
        Array.from({ length: 60 }, () => ({ rule })),
        properties,
      ),
    ).validate({ ...named, spec });
    expect(causes.map(({ message }) => message)).toEqual([
      'Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });
});

describe('a text that would take long to read', () => {
  it.each([
    ['deep parentheses', `${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['deep lists', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['deep conditions', `${'true ? '.repeat(2_000)}1${' : 2'.repeat(2_000)}`],
    ['a long sum', Array.from({ length: 5_000 }, () => '1').join(' + ')],
    ['sums in parentheses', `${'(1 + '.repeat(240)}${Array.from({ length: 200 }, () => '1').join(' + ')}${')'.repeat(240)}`],
    ['a long path', `a${'.b'.repeat(9_000)}`],
    ['a long text', `'${'x'.repeat(300_000)}'`],
    ['many signs', `${'-'.repeat(15_000)}x`],
    ['nested loops', `${'[1].all(x, '.repeat(200)}true${')'.repeat(200)}`],
    ['quotes without an end', `${"'''".repeat(3_001)}`],
    ['backslashes without an end', `'${'\\\\'.repeat(50_000)}`],
  ])('is given up: %s', (_, text) => {
    const began = performance.now();
    expect(() => compileText(text, new Map([['a', dynType]]))).not.toThrow();
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('is not, where it is only long', () => {
    const terms = Array.from({ length: 2_000 }, (_, index) => `a == ${index}`).join(' || ');
    expect(compileText(terms, new Map([['a', dynType]])).ok).toBe(true);
  });
});

describe('whole numbers', () => {
  it('are exact to 2^53 and do not overflow in silence', () => {
    const schema = compileSchema(schemaOf([{ rule: 'self.n + 1 == 9007199254740992', message: 'm' }], { n: { type: 'integer' } }));
    expect(schema.validate({ ...named, spec: { n: 9007199254740991 } })).toEqual([]);
    expect(schema.validate({ ...named, spec: { n: 9007199254740990 } })).toHaveLength(1);
  });
});

describe('properties with the names of prototype members', () => {
  it('are absent unless they are there', () => {
    const rule = "!has(self.constructor) && !has(self.toString) && !('constructor' in self.map)";
    const properties = {
      constructor: { type: 'string' },
      toString: { type: 'string' },
      map: { type: 'object', additionalProperties: { type: 'string' } },
    };
    const schema = compileSchema(schemaOf([{ rule }], properties));
    expect(schema.validate({ ...named, spec: { map: {} } })).toEqual([]);
    expect(schema.validate({ ...named, spec: { map: { constructor: 'x' } } })).toHaveLength(1);
  });
});

describe('on arbitrary input', () => {
  it('compiling never throws', () => {
    const tokens = [
      'self',
      '.',
      'a',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '1',
      "'x'",
      '+',
      '&&',
      '?',
      ':',
      ',',
      'all',
      'x',
      '==',
      '!',
      '-',
      'has',
      ' ',
      'b"é"',
      'matches',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...tokens)).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(() => compileText(text, new Map([['self', dynType]]))).not.toThrow();
        },
      ),
    );
  });

  it('evaluating never throws', () => {
    const rules = [
      "self.port == 1 || self.port.startsWith('x') || self.port > 2",
      'self.items.all(i, i.name != oldSelf.items[0].name && i.tags.exists(t, t in oldSelf.tags))',
      "self.labels.all(k, self.labels[k] == '' || k.size() > 1)",
      'self.when > timestamp("2024-01-01T00:00:00Z") && self.long < duration("1h") && self.raw.size() > 1',
      'self == oldSelf',
    ].map((rule) => ({ rule }));
    const text = { type: 'string' };
    const schema = compileSchema(
      schemaOf(rules, {
        port: { 'x-kubernetes-int-or-string': true },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
        items: { type: 'array', items: { type: 'object', properties: { name: text, tags: { type: 'array', items: text } } } },
        labels: { type: 'object', additionalProperties: text },
        when: { type: 'string', format: 'date-time', nullable: true },
        long: { type: 'string', format: 'duration' },
        raw: { type: 'string', format: 'byte' },
      }),
    );
    const value = fc.oneof(fc.jsonValue(), fc.string(), fc.integer());
    const spec = fc.record(
      {
        port: value,
        tags: fc.array(fc.string()),
        items: fc.array(fc.record({ name: fc.string(), tags: fc.array(fc.string()) })),
        labels: fc.dictionary(fc.string(), fc.string()),
        when: value,
        long: value,
        raw: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(spec, spec, (now, before) => {
        expect(() => schema.validate({ ...named, spec: now as Json }, { ...named, spec: before as Json })).not.toThrow();
      }),
    );
  });
});
