import { describe, expect, it } from 'vitest';
import type { ObjectMeta } from '../kube-object.ts';
import type { NameRule } from '../served-kind.ts';
import { finalizerWarnings, validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const dns1035Rule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const qualifiedRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function created(meta: ObjectMeta, nameRule: NameRule = 'dns1123subdomain'): readonly string[] {
  return validateObjectMeta({ namespace: 'default', ...meta }, { namespaced: true, nameRule }).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

describe('names', () => {
  it.each<[NameRule, string, readonly string[]]>([
    ['dns1123subdomain', 'a.b-c', []],
    ['dns1123subdomain', 'B_ad', [`Invalid value: "B_ad": ${subdomainRule}`]],
    ['dns1123subdomain', 'a'.repeat(254), [`Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`]],
    ['dns1123label', 'a.b', ['Invalid value: "a.b": must not contain dots']],
    ['dns1123label', 'A', [`Invalid value: "A": ${labelRule}`]],
    ['dns1035label', '1a', [`Invalid value: "1a": ${dns1035Rule}`]],
    ['pathSegment', 'system:admin', []],
    ['pathSegment', 'a/b%', [`Invalid value: "a/b%": may not contain '/'`, `Invalid value: "a/b%": may not contain '%'`]],
    ['pathSegment', '..', [`Invalid value: "..": may not be '..'`]],
  ])('%s %s', (nameRule, name, problems) => {
    expect(created({ name }, nameRule)).toEqual(problems.map((problem) => `metadata.name: ${problem}`));
  });

  it('are required, unless they were generated', () => {
    expect(created({})).toEqual(['metadata.name: Required value: name or generateName is required']);
  });

  it('may be generated from a prefix that ends in a dash', () => {
    expect(created({ name: 'a-x', generateName: 'a-' })).toEqual([]);
    expect(created({ name: 'a', generateName: 'A-' })).toEqual([]);
    expect(created({ name: 'a', generateName: 'Ab-' })).toEqual([`metadata.generateName: Invalid value: "Ab-": ${subdomainRule}`]);
  });

  it('are checked quickly, however long', () => {
    const name = `${'a-'.repeat(500_000)}!`;
    const before = performance.now();
    expect(created({ name })).toHaveLength(2);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('namespaces', () => {
  it('are required where the kind has them', () => {
    expect(created({ name: 'a', namespace: '' })).toEqual(['metadata.namespace: Required value']);
    expect(created({ name: 'a', namespace: 'A' })).toEqual([`metadata.namespace: Invalid value: "A": ${labelRule}`]);
  });

  it('are refused elsewhere', () => {
    expect(validateObjectMeta({ name: 'a', namespace: 'd' }, { namespaced: false, nameRule: 'dns1123subdomain' })).toEqual([
      { reason: 'FieldValueForbidden', message: 'Forbidden: not allowed on this type', field: 'metadata.namespace' },
    ]);
  });
});

describe('labels and annotations', () => {
  it.each<[ObjectMeta, readonly string[]]>([
    [{ labels: { 'example.com/a': 'x', b: '' } }, []],
    [{ labels: { a: 'x y' } }, [`metadata.labels: Invalid value: "x y": ${valueRule}`]],
    [{ labels: { a: 'x'.repeat(64) } }, [`metadata.labels: Invalid value: "${'x'.repeat(64)}": must be no more than 63 characters`]],
    [{ labels: { 'a b': '' } }, [`metadata.labels: Invalid value: "a b": name part ${qualifiedRule}`]],
    [{ labels: { 'UP.com/x': '' } }, [`metadata.labels: Invalid value: "UP.com/x": prefix part ${subdomainRule}`]],
    [{ labels: { '/x': '' } }, ['metadata.labels: Invalid value: "/x": prefix part must be non-empty']],
    [
      { labels: { 'a/b/c': '' } },
      [
        `metadata.labels: Invalid value: "a/b/c": a qualified name ${qualifiedRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ],
    ],
    [{ annotations: { 'UP.com/x': 'any thing' } }, []],
    [{ annotations: { 'a b': '' } }, [`metadata.annotations: Invalid value: "a b": name part ${qualifiedRule}`]],
    [{ annotations: { a: 'x'.repeat(262_143) } }, []],
    [{ annotations: { a: 'x'.repeat(262_144) } }, ['metadata.annotations: Too long: may not be more than 262144 bytes']],
  ])('%#', (meta, problems) => {
    expect(created({ name: 'a', ...meta })).toEqual(problems);
  });
});

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };

describe('owners', () => {
  it('must be named in full', () => {
    expect(created({ name: 'a', ownerReferences: [owner] })).toEqual([]);
    expect(created({ name: 'a', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] })).toEqual([
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": kind must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": name must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": uid must not be empty',
    ]);
  });

  it('have at most one controller among them', () => {
    const [problem] = created({
      name: 'a',
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, uid: 'v', name: 'p', controller: true },
      ],
    });
    expect(problem).toContain(
      'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/o and ConfigMap/p',
    );
  });
});

describe('finalizers', () => {
  it('must be qualified names, and may not contradict one another', () => {
    expect(created({ name: 'a', finalizers: ['x.io/f', 'plain'] })).toEqual([]);
    expect(created({ name: 'a', finalizers: ['a b'] })).toEqual([`metadata.finalizers: Invalid value: "a b": name part ${qualifiedRule}`]);
    expect(created({ name: 'a', finalizers: ['orphan', 'foregroundDeletion'] })).toEqual([
      'metadata.finalizers: Invalid value: []string{"orphan", "foregroundDeletion"}: finalizer orphan and foregroundDeletion cannot be both set',
    ]);
  });

  it('without a domain earn a warning, once', () => {
    expect(finalizerWarnings({ finalizers: ['plain', 'a.b', 'x.io/f', 'orphan', 'old'] }, { finalizers: ['old'] })).toEqual([
      'metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
      'metadata.finalizers: "plain": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
    ]);
  });
});

describe('an update', () => {
  const old: ObjectMeta = { name: 'a', namespace: 'd', uid: '1', finalizers: ['x.io/f'] };
  const changes = (next: ObjectMeta, from: ObjectMeta = old): readonly string[] =>
    validateObjectMetaUpdate(next, from).map(({ field, message }) => `${field}: ${message}`);

  it('keeps name, namespace and uid', () => {
    expect(changes({ ...old, labels: { a: 'b' } })).toEqual([]);
    expect(changes({ name: 'b', namespace: 'e', uid: '2' })).toEqual([
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.namespace: Invalid value: "e": field is immutable',
      'metadata.uid: Invalid value: "2": field is immutable',
    ]);
  });

  it('cannot ask for deletion', () => {
    expect(changes({ ...old, deletionTimestamp: '2001-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 })).toEqual([
      'metadata.deletionTimestamp: Invalid value: 2001-01-01 00:00:00 +0000 UTC: field is immutable',
      'metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable',
    ]);
  });

  it('cannot add finalizers once deletion was asked for, but remove them', () => {
    const deleted = { ...old, deletionTimestamp: '2001-01-01T00:00:00Z' };
    expect(changes({ ...deleted, finalizers: [] }, deleted)).toEqual([]);
    expect(changes({ ...deleted, finalizers: ['x.io/g', 'x.io/f', 'x.io/e'] }, deleted)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/e", "x.io/g"}',
    ]);
  });

  it('must have sound labels and managed fields', () => {
    const managedFields = [{ operation: 'x', fieldsType: 'y', manager: 'm'.repeat(129), subresource: 's'.repeat(257) }];
    expect(changes({ ...old, labels: { a: ' ' }, managedFields })).toEqual([
      `metadata.labels: Invalid value: " ": ${valueRule}`,
      'metadata.managedFields[0].operation: Invalid value: "x": must be `Apply` or `Update`',
      'metadata.managedFields[0].fieldsType: Invalid value: "y": must be `FieldsV1`',
      'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes',
      'metadata.managedFields[0].subresource: Too long: may not be more than 256 bytes',
    ]);
  });
});
