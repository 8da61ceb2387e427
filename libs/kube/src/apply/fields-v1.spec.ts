import { describe, expect, it } from 'vitest';
import { fieldSetOf, pathsOf, pathText } from './field-set.ts';
import { decodeFields, encodeFields } from './fields-v1.ts';

describe('FieldsV1', () => {
  const fields = {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    'f:spec': {
      'f:items': { 'k:{"name":"a","port":1}': { '.': {}, 'f:name': {} }, 'k:{"name":"b"}': { '.': {} } },
      'f:tags': { 'v:1': {}, 'v:"x"': {}, 'v:true': {} },
      'f:list': { 'i:2': {}, 'i:10': {} },
    },
  };

  it('is read and written again', () => {
    const set = decodeFields(fields);
    expect(set).toBeDefined();
    expect(encodeFields(set ?? new Map())).toEqual({
      ...fields,
      'f:spec': { ...fields['f:spec'], 'f:items': { ...fields['f:spec']['f:items'], 'k:{"name":"b"}': {} } },
    });
  });

  it('is written in order: fields, keys, values (numbers, texts, booleans), indexes by number', () => {
    const set = fieldSetOf(['v:true'], ['v:"b"'], ['v:10'], ['v:9'], ['i:10'], ['i:9'], ['k:{"a":"x"}'], ['f:b'], ['f:a']);
    expect(Object.keys(encodeFields(set))).toEqual(['f:a', 'f:b', 'k:{"a":"x"}', 'v:9', 'v:10', 'v:"b"', 'v:true', 'i:9', 'i:10']);
  });

  it('is brought into one spelling', () => {
    const set = decodeFields({ 'k:{ "port": 1, "name": "a" }': {}, 'v: "<"': {} });
    expect(Object.keys(encodeFields(set ?? new Map()))).toEqual(['k:{"name":"a","port":1}', 'v:"\\u003c"']);
  });

  it('may hold steps that nobody knows yet, which are dropped', () => {
    expect(encodeFields(decodeFields({ 'z:later': {}, 'f:a': {} }) ?? new Map())).toEqual({ 'f:a': {} });
  });

  it.each([[[]], ['x'], [null], [{ spec: {} }], [{ 'k:{': {} }], [{ 'i:x': {} }], [{ 'f:a': 1 }]])('is not %j', (text) => {
    expect(decodeFields(text as never)).toBeUndefined();
  });

  it('names its members as messages do, members of a node before what is below them', () => {
    const set = decodeFields(fields) ?? new Map();
    expect(pathsOf(set).map(pathText)).toEqual([
      '.metadata.labels',
      '.metadata.labels.app',
      '.spec.items[name="a",port=1]',
      '.spec.items[name="b"]',
      '.spec.items[name="a",port=1].name',
      '.spec.list[2]',
      '.spec.list[10]',
      '.spec.tags[=1]',
      '.spec.tags[="x"]',
      '.spec.tags[=true]',
    ]);
  });
});
