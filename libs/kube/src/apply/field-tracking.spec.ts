import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { applyConfiguration, fieldsReset, managedAfterUpdate, type ManagedFields, type TrackedWrite } from './field-tracking.ts';
import { objectTypeOf } from './type-of-schema.ts';

// What vectors cannot tell: times, their order, and what happens over many writes. All else is in test/conformance.

const schemas = new Map(
  ['v1', 'v2'].map((version) => [
    `demo.test/${version}`,
    objectTypeOf({ type: 'object', properties: { spec: { type: 'object', additionalProperties: { type: 'string' } } } }),
  ]),
);
const type = schemas.get('demo.test/v1') ?? {};

function write(manager: string, at: number, more: Partial<TrackedWrite> = {}): TrackedWrite {
  return {
    manager,
    apiVersion: 'demo.test/v1',
    subresource: '',
    at: `2026-01-01T00:00:${String(at).padStart(2, '0')}.900Z`,
    versions: { typeOf: (version) => schemas.get(version), convert: (object, apiVersion) => ({ ...object, apiVersion }) },
    resets: fieldsReset(type, '', true),
    ...more,
  };
}

const object = (spec: JsonObject, managedFields?: ManagedFields): JsonObject => ({
  apiVersion: 'demo.test/v1',
  kind: 'Demo',
  metadata: { name: 'd', uid: 'u', resourceVersion: '1', generation: 2, ...(managedFields === undefined ? {} : { managedFields }) },
  spec,
});
const config = (spec: JsonObject): JsonObject => ({ apiVersion: 'demo.test/v1', kind: 'Demo', metadata: { name: 'd' }, spec });
const owners = (managedFields: ManagedFields): unknown =>
  (managedFields ?? []).map(({ manager, operation, time, fieldsV1 }) => [
    manager,
    operation,
    time === undefined ? undefined : Number((time as string).slice(17, 19)),
    Object.keys(((fieldsV1 as JsonObject)['f:spec'] ?? {}) as JsonObject).filter((name) => name !== '.'),
  ]);

function apply(live: JsonObject | undefined, spec: JsonObject, by: TrackedWrite, force = false): JsonObject {
  const applied = applyConfiguration(live, config(spec), { ...by, force });
  if (applied.type !== 'applied') throw new Error(applied.message);
  return object(applied.object['spec'] as JsonObject, applied.managedFields);
}

function update(live: JsonObject | undefined, spec: JsonObject, by: TrackedWrite, sent?: unknown): JsonObject {
  return object(spec, managedAfterUpdate(live, object(spec), sent, by));
}

const managedOf = (of: JsonObject): ManagedFields => (of['metadata'] as JsonObject)['managedFields'] as ManagedFields;

describe('an entry', () => {
  const fieldsOf = (of: JsonObject): unknown => (managedOf(of) ?? [])[0]?.['fieldsV1'];

  it('stays the very same where the owner names what it named before', () => {
    const first = apply(undefined, { a: '1', b: '1' }, write('m', 1));
    expect(fieldsOf(apply(first, { a: '2', b: '2' }, write('m', 2)))).toBe(fieldsOf(first));
  });

  it('grows with what the owner names beside, and nothing goes away', () => {
    const more = apply(apply(undefined, { a: '1' }, write('m', 1)), { a: '1', b: '1' }, write('m', 2));
    expect(more['spec']).toEqual({ a: '1', b: '1' });
    expect(owners(managedOf(more))).toEqual([['m', 'Apply', 2, ['f:a', 'f:b']]]);
    const less = apply(more, { b: '1' }, write('m', 3));
    expect(less['spec']).toEqual({ b: '1' });
    expect(owners(managedOf(less))).toEqual([['m', 'Apply', 3, ['f:b']]]);
  });
});

describe('the time of an entry', () => {
  it('is the second of the last write that changed anything', () => {
    const first = apply(undefined, { a: '1' }, write('m', 1));
    expect(owners(managedOf(first))).toEqual([['m', 'Apply', 1, ['f:a']]]);
    const same = apply(first, { a: '1' }, write('m', 2));
    expect(owners(managedOf(same))).toEqual([['m', 'Apply', 1, ['f:a']]]);
    expect(owners(managedOf(apply(same, { a: '2' }, write('m', 3))))).toEqual([['m', 'Apply', 3, ['f:a']]]);
  });

  it('stays away where an applier only joins in', () => {
    const first = apply(undefined, { a: '1' }, write('m', 1));
    expect(owners(managedOf(apply(first, { a: '1' }, write('n', 2))))).toEqual([
      ['n', 'Apply', undefined, ['f:a']],
      ['m', 'Apply', 1, ['f:a']],
    ]);
  });

  it('orders the entries, after the operation and before the name', () => {
    let live = update(undefined, { a: '1' }, write('z', 1));
    live = update(live, { a: '1', b: '1' }, write('y', 2));
    live = apply(live, { c: '1' }, write('x', 3));
    live = update(live, { a: '1', b: '1', c: '1', d: '1' }, write('k', 2));
    expect(owners(managedOf(live))).toEqual([
      ['x', 'Apply', 3, ['f:c']],
      ['z', 'Update', 1, ['f:a']],
      ['k', 'Update', 2, ['f:d']],
      ['y', 'Update', 2, ['f:b']],
    ]);
  });
});

describe('ownership', () => {
  it('is shared by appliers that want the same, and what nobody names any more goes', () => {
    let live = apply(undefined, { a: '1', b: '1' }, write('m', 1));
    live = apply(live, { a: '1' }, write('n', 2));
    live = apply(live, { b: '1' }, write('m', 3));
    expect(live['spec']).toEqual({ a: '1', b: '1' });
    live = apply(live, {}, write('n', 4));
    expect(live['spec']).toEqual({ b: '1' });
    // An empty struct is named as such.
    expect(owners(managedOf(live))).toEqual([
      ['m', 'Apply', 1, ['f:b']],
      ['n', 'Apply', 4, []],
    ]);
  });

  it('is lost to whoever changes the field, and fought for by appliers', () => {
    const first = apply(undefined, { a: '1', b: '1' }, write('m', 1));
    const live = update(first, { a: '2', b: '1' }, write('u', 2));
    expect(owners(managedOf(live))).toEqual([
      ['m', 'Apply', 1, ['f:b']],
      ['u', 'Update', 2, ['f:a']],
    ]);
    expect(applyConfiguration(live, config({ a: '1', b: '1' }), { ...write('m', 3), force: false })).toEqual({
      type: 'conflict',
      message: 'Apply failed with 1 conflict: conflict with "u" using demo.test/v1: .spec.a',
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "u" using demo.test/v1', field: '.spec.a' }],
    });
    expect(owners(managedOf(apply(live, { a: '1', b: '1' }, write('m', 3), true)))).toEqual([['m', 'Apply', 3, ['f:a', 'f:b']]]);
  });

  it('of versions that are gone is dropped', () => {
    const entry = {
      manager: 'old',
      operation: 'Update',
      apiVersion: 'demo.test/v0',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:a': {} } },
    };
    const live = object({ a: '1' }, [entry]);
    expect(owners(managedOf(update(live, { a: '1', b: '1' }, write('u', 2))))).toEqual([['u', 'Update', 2, ['f:b']]]);
  });

  it('is put together for the oldest of more than ten who update, version by version', () => {
    let live: JsonObject | undefined;
    const spec: Record<string, string> = {};
    for (let step = 0; step < 13; step += 1) {
      spec[`f${String.fromCharCode(97 + step)}`] = '1';
      live = update(live, { ...spec }, write(`u${step}`, step, { apiVersion: step === 1 ? 'demo.test/v2' : 'demo.test/v1' }));
    }
    const entries = owners(managedOf(live as JsonObject)) as [string, string, number, string[]][];
    expect(entries).toHaveLength(10);
    expect(entries.slice(0, 2)).toEqual([
      ['u1', 'Update', 1, ['f:fb']],
      ['ancient-changes', 'Update', 4, ['f:fa', 'f:fc', 'f:fd', 'f:fe']],
    ]);
  });
});

describe('what a client says of managedFields', () => {
  const live = apply(undefined, { a: '1' }, write('m', 1));

  it.each([[[]], [[{}]]])('%j clears them, and updates do not bring them back until somebody applies', (sent) => {
    const cleared = update(live, { a: '1' }, write('u', 2), sent);
    expect(managedOf(cleared)).toBeUndefined();
    const later = update(cleared, { a: '1', b: '1' }, write('u', 3));
    expect(managedOf(later)).toBeUndefined();
    expect(owners(managedOf(apply(later, { a: '1', c: '1' }, write('m', 4))))).toEqual([
      ['m', 'Apply', 4, ['f:a', 'f:c']],
      ['before-first-apply', 'Update', 4, ['f:a', 'f:b']],
    ]);
  });

  it('is taken as given where it is well-formed, and ignored where it is not', () => {
    const said = [
      { manager: 'said', operation: 'Apply', apiVersion: 'demo.test/v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:a': {} } } },
    ];
    expect(owners(managedOf(update(live, { a: '1' }, write('u', 2), said)))).toEqual([['said', 'Apply', undefined, ['f:a']]]);
    expect(managedOf(update(live, { a: '1' }, write('u', 2), [{ ...said[0], fieldsType: 'V2' }]))).toEqual(managedOf(live));
  });

  it('counts for nothing on /status', () => {
    expect(managedOf(update(live, { a: '1' }, write('u', 2, { subresource: 'status' }), [{}]))).toEqual(managedOf(live));
  });
});

describe('kubectl', () => {
  const annotated = (spec: JsonObject): JsonObject => ({
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config(spec)),
  });

  it('takes over without conflict what it applied itself before, and keeps its annotation up to date', () => {
    const before = { ...object({ a: '1' }), metadata: { name: 'd', uid: 'u', annotations: annotated({ a: '1' }) } };
    const live = {
      ...before,
      metadata: { ...before.metadata, managedFields: managedAfterUpdate(undefined, before, undefined, write('csa', 1)) },
    };
    const wanted = config({ a: '2' });
    const applied = applyConfiguration(live as JsonObject, wanted, { ...write('kubectl', 2), force: false });
    expect(applied).toMatchObject({
      type: 'applied',
      object: {
        spec: { a: '2' },
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(wanted)}\n` } },
      },
    });
    expect(applyConfiguration(live as JsonObject, wanted, { ...write('other', 2), force: false })).toMatchObject({ type: 'conflict' });
  });
});
