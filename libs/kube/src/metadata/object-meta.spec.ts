import { describe, expect, it } from 'vitest';
import { generateName } from './generate-name.ts';
import { dedupeOwnerReferences } from './object-meta-schema.ts';
import { objectMetaTypeCauses } from './object-meta-types.ts';

describe('the types of metadata', () => {
  it('are those of ObjectMeta; null stands for nothing', () => {
    const metadata = {
      name: 'a',
      generation: 1,
      creationTimestamp: null,
      labels: { a: 'b' },
      ownerReferences: [{ controller: true }],
      annotations: null,
    };
    expect(objectMetaTypeCauses(metadata)).toEqual([]);
    expect(objectMetaTypeCauses(undefined)).toEqual([]);
    expect(objectMetaTypeCauses(null)).toEqual([]);
  });

  it.each([
    [{ labels: { a: 1 } }, 'metadata.labels.a'],
    [{ name: 5 }, 'metadata.name'],
    [{ finalizers: 'x' }, 'metadata.finalizers'],
    [{ generation: '1' }, 'metadata.generation'],
    [{ creationTimestamp: 'yesterday' }, 'metadata.creationTimestamp'],
    [{ ownerReferences: [{ uid: {} }] }, 'metadata.ownerReferences[0].uid'],
    ['text', 'metadata'],
  ])('%j is wrong at %s', (metadata, field) => {
    expect(objectMetaTypeCauses(metadata).map((cause) => [cause.reason, cause.field])).toEqual([['FieldValueTypeInvalid', field]]);
  });
});

describe('owner references', () => {
  const owner = { apiVersion: 'v1', kind: 'K', name: 'o', uid: 'u' };

  it('that repeat are dropped and named', () => {
    expect(dedupeOwnerReferences([owner, { ...owner, name: 'p' }, { ...owner }])).toEqual({
      references: [owner, { ...owner, name: 'p' }],
      duplicateUids: ['u'],
    });
  });

  it('stay the same list where none repeats', () => {
    const references = [owner, { ...owner, uid: 'v' }];
    expect(dedupeOwnerReferences(references).references).toBe(references);
  });
});

describe('a generated name', () => {
  it('is the prefix and five characters that spell no words', () => {
    const numbers = [0, 1, 2, 26, 25];
    expect(generateName('web-', () => numbers.shift() ?? 0)).toBe('web-bcd98');
  });

  it('fits a label', () => {
    expect(generateName('a'.repeat(80), () => 0)).toBe(`${'a'.repeat(58)}bbbbb`);
  });
});
