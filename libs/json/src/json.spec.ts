import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import './exact-numbers.ts';
import { jsonInteger, mayHoldInt64, parseJson, wholeNumber } from './parse-json.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe('JSON with whole numbers of 64 bits', () => {
  it.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', 9_007_199_254_740_992n],
    ['-9007199254740993', -9_007_199_254_740_993n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['9223372036854775808', 2 ** 63],
    ['9007199254740993.0', 2 ** 53],
    ['1e20', 1e20],
    ['1000000000000000000e0', 1e18],
    ['0.1234567890123456789', 0.12345678901234568],
    [' 9007199254740993 ', 9_007_199_254_740_993n],
    ['"9007199254740993"', '9007199254740993'],
    ['{"a":1,"a":9007199254740993}', { a: 9_007_199_254_740_993n }],
    ['{"a":"[9007199254740993","b":[1,\n-9007199254740993]}', { a: '[9007199254740993', b: [1, -9_007_199_254_740_993n] }],
  ])('reads %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('reads what is no JSON as little as JSON.parse does', () => {
    for (const text of ['', '9007199254740993,', '09007199254740993', '[9007199254740993', '+9007199254740993'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('writes what it read', () => {
    const number = int64.map(jsonInteger);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        number,
        fc.string(),
        fc.array(tie('value')),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('value'),
        ),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (given, indent) => {
        expect(parseJson(JSON.stringify(given, undefined, indent))).toEqual(given);
      }),
    );
    expect(JSON.stringify({ a: [9_007_199_254_740_993n] })).toBe('{"a":[9007199254740993]}');
  });

  it('overlooks no number that a double cannot hold, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), int64, fc.nat(40), (text, whole, spaces) => {
        const json = `{${JSON.stringify(text)}:[${' '.repeat(spaces)}${whole}]}`;
        if (typeof jsonInteger(whole) === 'bigint') expect(mayHoldInt64(json)).toBe(true);
        expect(parseJson(json)).toEqual({ [text]: [jsonInteger(whole)] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads a number of a million digits at once', () => {
    const began = performance.now();
    expect(parseJson(`[${'9'.repeat(3_000_000)}]`)).toEqual([Infinity]);
    expect(performance.now() - began).toBeLessThan(300);
  });

  it('is not alarmed by hashes, times and fractions', () => {
    const harmless = { hash: 'ab1234567890123456789', at: '2026-11-23T08:00:00.123456Z', f: 0.12345678901234568, n: 123_456_789_012_345 };
    expect(mayHoldInt64(JSON.stringify(harmless))).toBe(false);
  });

  it.each([
    ['12', 12],
    ['-9007199254740993', -9_007_199_254_740_993n],
    ['9223372036854775808', undefined],
    ['1.0', undefined],
    ['', undefined],
  ])('takes %j for the whole number %s', (digits, whole) => {
    expect(wholeNumber(digits)).toBe(whole);
  });
});
