import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

describe('a merge patch', () => {
  // The appendix of RFC 7386, as far as targets and patches are objects.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, expected) => {
    expect(applyMergePatch(frozen(target) as JsonObject, frozen(patch))).toEqual({ type: 'patched', object: expected });
  });

  it('is an object', () => {
    expect(applyMergePatch({}, [1])).toEqual({
      type: 'malformed',
      message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    });
    expect(applyMergePatch({}, 'x')).toMatchObject({ type: 'malformed' });
  });

  it('calls a number of 64 bits a number', () => {
    expect(applyMergePatch({}, 9_007_199_254_740_993n)).toMatchObject({
      message: expect.stringContaining('unmarshal number into') as string,
    });
  });

  it('leaves no prototype behind', () => {
    const result = applyMergePatch({ a: 1 }, JSON.parse('{"b":{"__proto__":{"x":1}}}'));
    expect(result).toEqual({ type: 'patched', object: { a: 1, b: {} } });
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

const target = frozen({ spec: { items: ['a', 'b', 'c'], o: { 'x/y': 1, 'm~n': 2 }, n: null } });
const patched = (...operations: unknown[]) => {
  const result = applyJsonPatch(target, operations);
  return result.type === 'patched' ? (result.object as { spec: unknown }).spec : result.type;
};

describe('a JSON patch', () => {
  it('does what its operations say, in order', () => {
    expect(patched({ op: 'add', path: '/spec/items/-', value: 'd' }, { op: 'remove', path: '/spec/items/0' })).toMatchObject({
      items: ['b', 'c', 'd'],
    });
    expect(patched({ op: 'add', path: '/spec/items/1', value: 'x' })).toMatchObject({ items: ['a', 'x', 'b', 'c'] });
    expect(patched({ op: 'replace', path: '/spec/o/x~1y', value: { z: 1 } })).toMatchObject({ o: { 'x/y': { z: 1 } } });
    expect(patched({ op: 'replace', path: '/spec/n', value: 1 })).toMatchObject({ n: 1 });
    expect(patched({ op: 'move', from: '/spec/items/0', path: '/spec/items/2' })).toMatchObject({ items: ['b', 'c', 'a'] });
    expect(patched({ op: 'copy', from: '/spec/o', path: '/spec/p' }, { op: 'remove', path: '/spec/p/x~1y' })).toMatchObject({
      o: { 'x/y': 1 },
      p: { 'm~n': 2 },
    });
    expect(patched({ op: 'test', path: '/spec/o', value: { 'm~n': 2, 'x/y': 1 } })).toMatchObject({ n: null });
    expect(applyJsonPatch(target, [{ op: 'replace', path: '', value: { spec: 1 } }])).toEqual({ type: 'patched', object: { spec: 1 } });
    expect(target.spec.items).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [{ op: 'remove', path: '/spec/nope' }],
    [{ op: 'remove', path: '' }],
    [{ op: 'replace', path: '/spec/nope', value: 1 }],
    [{ op: 'replace', path: '/spec/items/3', value: 1 }],
    [{ op: 'replace', path: '/spec/items/x', value: 1 }],
    [{ op: 'remove', path: '/spec/items/01' }],
    [{ op: 'add', path: '/spec/items/4', value: 1 }],
    [{ op: 'add', path: '/nope/x', value: 1 }],
    [{ op: 'add', path: '/spec/n/x', value: 1 }],
    [{ op: 'test', path: '/spec/o', value: { 'm~n': 2 } }],
    [{ op: 'test', path: '/spec/nope', value: null }],
    [{ op: 'move', from: '/spec/nope', path: '/spec/x' }],
    [{ op: 'move', from: '/spec', path: '/spec/x' }],
    [{ op: 'move', from: '/spec/items/0', path: '/spec/items/3' }],
    [{ op: 'copy', from: '/spec/nope', path: '/spec/x' }],
    [{ op: 'add', path: '/__proto__/x', value: 1 }],
    [{ op: 'add', path: '/spec/constructor', value: 1 }],
    [{ op: 'copy', from: '/spec/__proto__', path: '/spec/x' }],
    [{ op: 'replace', path: '', value: [1] }],
  ])('%j does not fit', (operation) => {
    expect(applyJsonPatch(target, [operation])).toEqual({
      type: 'unfitting',
      message: 'the server rejected our request due to an error in our request',
    });
  });

  it.each([
    [{ a: 1 }],
    [['x']],
    [[{ op: 'add', path: 'x', value: 1 }]],
    [[{ op: 'add', path: '/x' }]],
    [[{ op: 'jump', path: '/x' }]],
    [[{ op: 'move', path: '/x' }]],
    [[{ path: '/x' }]],
    [[{ op: 'add', path: '/a~2', value: 1 }]],
  ])('%j is no patch', (operations) => {
    expect(applyJsonPatch(target, operations)).toMatchObject({ type: 'malformed' });
  });

  it('says so in upstream’s words', () => {
    expect(applyJsonPatch({}, { a: 1 })).toMatchObject({
      message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    });
    expect(applyJsonPatch({}, Array(10_001).fill({}))).toMatchObject({
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    });
  });

  it('cannot be made to grow a document without end', () => {
    const doubling = [
      { op: 'add', path: '/a', value: ['x'.repeat(1000)] },
      ...Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' })),
    ];
    expect(applyJsonPatch({}, doubling)).toMatchObject({ type: 'unfitting' });
  });

  it('never throws and never changes its target', () => {
    const token = fc.constantFrom(
      '',
      '/spec',
      '/spec/items',
      '/spec/items/0',
      '/spec/items/-',
      '/spec/o',
      '/spec/n',
      '/x',
      '/__proto__/y',
      '/spec/o/x~1y',
    );
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
        path: token,
        from: token,
        value: fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: ['op'] },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (operations) =>
        ['patched', 'unfitting', 'malformed'].includes(applyJsonPatch(target, operations).type),
      ),
    );
    expect(({} as { y?: unknown }).y).toBeUndefined();
  });
});
