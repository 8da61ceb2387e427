import { describe, expect, it } from 'vitest';
import { compileOnDemand } from './compile-on-demand.ts';

const text = (field: string, characters = 0): string =>
  JSON.stringify({ type: 'object', description: 'x'.repeat(characters), properties: { [field]: { type: 'integer', default: 1 } } });

describe('a schema that is compiled on demand', () => {
  it('does what a compiled one does', () => {
    const schema = compileOnDemand(text('size'));
    expect(schema.prune({ size: 1, color: 'red' })).toEqual({ object: { size: 1 }, unknown: ['color'] });
    expect(schema.default({})).toEqual({ size: 1 });
    expect(schema.validate({ size: 'L' })).toHaveLength(1);
    expect(schema.source['properties']).toEqual({ size: { type: 'integer', default: 1 } });
  });

  it('stays compiled while it is used, and is let go for others', () => {
    const schema = compileOnDemand(text('size'));
    const compiled = schema.now?.();
    const use = (count: number): void => {
      for (let index = 0; index < count; index++) compileOnDemand(text(`f${index}`, 500_000)).default({});
    };
    use(2);
    expect(schema.now?.()).toBe(compiled);
    use(6);
    expect(schema.now?.()).not.toBe(compiled);
    expect(schema.default({})).toEqual({ size: 1 });
  });

  it('tells its source without being compiled', () => {
    const schema = compileOnDemand(text('size'));
    expect(schema.source).not.toBe(schema.source);
    schema.default({});
    expect(schema.source).toBe(schema.source);
  });
});
