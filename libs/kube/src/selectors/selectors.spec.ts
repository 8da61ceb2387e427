import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import { fieldsMatch, parseFieldSelector, selectedName } from './field-selector.ts';
import { labelsMatch, parseLabelSelector } from './label-selector.ts';

const keeps = (selector: string, labels: Record<string, string>): boolean => {
  const parsed = parseLabelSelector(selector);
  if (parsed.type === 'malformed') throw new Error(parsed.message);
  return labelsMatch(parsed.requirements, labels);
};

describe('a label selector', () => {
  it.each([
    ['', {}, true],
    ['k', { k: '' }, true],
    ['k', {}, false],
    ['!k', {}, true],
    ['!k', { k: 'v' }, false],
    ['k=v', { k: 'v' }, true],
    ['k==v', { k: 'w' }, false],
    ['k=', { k: '' }, true],
    ['k!=v', {}, true],
    ['k!=v', { k: 'v' }, false],
    ['k in (a, b)', { k: 'b' }, true],
    ['k in (a,b)', {}, false],
    ['k in (a,)', { k: '' }, true],
    ['k notin (a)', {}, true],
    ['k notin (a)', { k: 'a' }, false],
    ['k>1', { k: '2' }, true],
    ['k>1', { k: 'x' }, false],
    ['k < 10', { k: '9' }, true],
    ['k<10', {}, false],
    ['a=1,b', { a: '1', b: '' }, true],
    ['a=1, b', { a: '1' }, false],
    ['example.com/in in (in,notin)', { 'example.com/in': 'notin' }, true],
    ['toString', {}, false],
  ])('%j on %j is %s', (selector, labels, expected) => {
    expect(keeps(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['l===x', "unable to parse requirement: found '=', expected: identifier"],
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in ()', "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"],
    ['a>b', `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`],
    ['!', "unable to parse requirement: found '', expected: identifier"],
  ])('%j is refused', (selector, message) => {
    expect(parseLabelSelector(selector)).toEqual({ type: 'malformed', message });
  });

  it('names what is wrong with a key or a value', () => {
    expect(parseLabelSelector('-a')).toMatchObject({
      type: 'malformed',
      message: expect.stringContaining('key: Invalid value: "-a": name part must consist of') as string,
    });
    expect(parseLabelSelector('a=-b')).toMatchObject({
      type: 'malformed',
      message: expect.stringContaining('values[0][a]: Invalid value: "-b": a valid label must be') as string,
    });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => ['parsed', 'malformed'].includes(parseLabelSelector(text).type)));
  });
});

const version = { name: 'v1', selectableFields: ['spec.color', 'spec.size'] } as unknown as ServedVersion;
const widgets = { group: 'example.com', resource: 'widgets', versions: [version] } as unknown as ServedKind;
const namespaces = { group: '', resource: 'namespaces', versions: [version] } as unknown as ServedKind;

describe('a field selector', () => {
  const subject = { namespace: 'ns', name: 'a', object: { apiVersion: 'v1', kind: 'W', metadata: {}, spec: { color: 'red', size: 3 } } };

  it.each([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==b', false],
    ['metadata.name!=b,metadata.namespace=ns', true],
    ['spec.color=red', true],
    ['spec.size=3', true],
    ['spec.color!=red', false],
    ['spec.color=a\\,b', false],
  ])('%j answers %s', (selector, expected) => {
    const parsed = parseFieldSelector(selector, widgets, version);
    expect(parsed.type).toBe('parsed');
    if (parsed.type === 'parsed') expect(fieldsMatch(parsed.terms, subject)).toBe(expected);
  });

  it.each([
    ['spec.replicas=1', 'field label not supported: spec.replicas'],
    ['metadata.labels.x=1', 'field label not supported: metadata.labels.x'],
    ['status.phase=Active', 'field label not supported: status.phase'],
    ['foo', "invalid selector: 'foo'; can't understand 'foo'"],
    ['metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['metadata.name=a=b', 'invalid field selector: unescaped character in value: ='],
  ])('%j is refused', (selector, message) => {
    expect(parseFieldSelector(selector, widgets, version)).toEqual({ type: 'malformed', message });
  });

  it('is refused in other words for kinds that clients have compiled in', () => {
    expect(parseFieldSelector('data.x=1', { ...widgets, compiledIn: true }, { ...version, selectableFields: [] })).toEqual({
      type: 'malformed',
      message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
  });

  it('knows the phase of namespaces', () => {
    expect(parseFieldSelector('status.phase=Active', namespaces, version)).toMatchObject({ type: 'parsed' });
  });

  it('tells the one name it leaves', () => {
    expect(selectedName('metadata.namespace=x,metadata.name=a')).toBe('a');
    expect(selectedName('metadata.name!=a')).toBeUndefined();
    expect(selectedName('')).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => ['parsed', 'malformed'].includes(parseFieldSelector(text, widgets, version).type)));
  });
});
