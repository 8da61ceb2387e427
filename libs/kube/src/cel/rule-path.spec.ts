import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { rulePath } from './rule-path.ts';

describe('the path of a rule', () => {
  it.each<[string, JsonObject, string | undefined]>([
    ['.a.b', { properties: { a: { properties: { b: { type: 'string' } } } } }, 'a.b'],
    ['.a.b', { properties: { a: null } }, undefined],
    ['.a.b', { properties: {} }, undefined],
  ])('%s within %j is %s', (path, schema, expected) => {
    expect(rulePath(path, schema)).toBe(expected);
  });
});
