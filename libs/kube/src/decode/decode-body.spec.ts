import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeBody } from './decode-body.ts';
import { nestingMax } from './decoded.ts';

const json = (text: string) => decodeBody(Buffer.from(text), 'application/json');
const yaml = (text: string) => decodeBody(Buffer.from(text), 'application/yaml');

describe('a JSON body', () => {
  it('is decoded, duplicate keys named by path and the last one taken', () => {
    expect(json('{"a":{"b":1,"b":2},"l":[{"x":1},{"y":[{"k":"v\\":","k":3}]}],"a\\u0062":1,"ab":2}')).toEqual({
      type: 'decoded',
      value: { a: { b: 2 }, l: [{ x: 1 }, { y: [{ k: 3 }] }], ab: 2 },
      duplicateFields: ['a.b', 'l[1].y[0].k', 'ab'],
    });
  });

  it('has no duplicates where strings only look like keys', () => {
    expect(json('{"a":"\\"a\\":1","b":["a","b"],"c":"x:"}')).toMatchObject({ type: 'decoded', duplicateFields: [] });
  });

  it.each([
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['', 'unexpected end of JSON input'],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":-x}', "invalid character 'x' in numeric literal"],
    ['{"a":1.x}', "invalid character 'x' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12x"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['{"a":[1,{"b":', 'unexpected end of JSON input'],
    ["'", "invalid character '\\'' looking for beginning of value"],
  ])('%j is refused in the words of Go', (text, message) => {
    expect(json(text)).toEqual({ type: 'malformed', message });
  });

  it('names a byte that is no character', () => {
    expect(decodeBody(Buffer.from([0x81]), 'application/json')).toEqual({
      type: 'malformed',
      message: "invalid character '\\u0081' looking for beginning of value",
    });
  });

  it('may nest only so deep', () => {
    expect(json('['.repeat(nestingMax) + ']'.repeat(nestingMax))).toMatchObject({ type: 'decoded' });
    expect(json('['.repeat(nestingMax + 1) + ']'.repeat(nestingMax + 1))).toMatchObject({ type: 'malformed' });
    expect(json('{"a":'.repeat(500_000) + '1' + '}'.repeat(500_000))).toMatchObject({ type: 'malformed' });
    expect(json('['.repeat(1_000_000))).toMatchObject({ type: 'malformed', message: 'exceeded max depth' });
  });

  it('may nest only so deep with long numbers, too, and is exact as deep as it may', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}9007199254740993${']'.repeat(depth)}`;
    const deepest = json(nested(nestingMax));
    expect(deepest.type === 'decoded' && JSON.stringify(deepest.value)).toBe(nested(nestingMax));
    expect(json(nested(100_000))).toEqual({ type: 'malformed', message: `exceeded max depth of ${nestingMax}` });
  });

  it('may not carry a prototype key, however it is written', () => {
    expect(json('{"spec":{"l":[1,{"__proto__":{"x":1}}]}}')).toEqual({
      type: 'malformed',
      message: 'field "spec.l[1].__proto__" is not allowed',
    });
    expect(json('{"\\u005f_proto__":1}')).toEqual({ type: 'malformed', message: 'field "__proto__" is not allowed' });
  });

  it('may not carry a number that JSON cannot say again', () => {
    expect(json('{"a":[1e999]}')).toEqual({ type: 'malformed', message: 'field "a[0]" holds a number that is too large' });
  });

  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('__proto__')) return;
        const read = json(text);
        // As text, since what is beyond 2^53 comes back as a bigint.
        expect(read.type === 'decoded' && JSON.stringify(read.value)).toBe(text);
        expect(read).toMatchObject({ duplicateFields: [] });
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) =>
        ['decoded', 'malformed'].includes(decodeBody(Buffer.from(bytes), 'application/json').type),
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => json(text).type === (isJson(text) ? 'decoded' : 'malformed')));
    fc.assert(fc.property(fc.string(), (text) => ['decoded', 'malformed'].includes(yaml(text).type)));
  });
});

describe('a YAML body', () => {
  it('is decoded as Go would, with duplicates named', () => {
    expect(yaml('a: yes\nb: 2001-01-01\nspec:\n  c: 1\n  c: 0x10\nl:\n- {x: 1, x: 2}\n')).toEqual({
      type: 'decoded',
      value: { a: true, b: '2001-01-01', spec: { c: 16 }, l: [{ x: 2 }] },
      duplicateFields: ['spec.c', 'l[0].x'],
    });
  });

  it('is one document', () => {
    expect(yaml('a: 1\n---\nb: 2\n')).toMatchObject({ type: 'malformed' });
  });

  it.each([
    ['brackets', '['.repeat(900_000)],
    ['dashes', '- '.repeat(400_000)],
    ['balanced brackets', '['.repeat(2000) + ']'.repeat(2000)],
    ['aliases', 'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n'],
    ['a prototype key', 'a: {__proto__: {x: 1}}'],
    ['infinity', 'a: .inf'],
    ['a bad indent', 'a:\n - b\n  c: 1'],
    ['too many bytes', `a: ${'x'.repeat(1024 * 1024)}`],
  ])('with %s is refused at once', (_, text) => {
    const began = performance.now();
    expect(yaml(text)).toMatchObject({ type: 'malformed' });
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
