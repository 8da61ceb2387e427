import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#kube';
import { type AccountState } from '../account-state.ts';
import { evolve } from '../evolve.ts';
import { by, defaultNamespace, gadgetKey, gadgets, given } from '../testing/given.ts';
import { applyResource, type ApplyResource } from './apply-resource.ts';
import { declareResource } from './declare-resource.ts';
import { reportStatus } from './report-status.ts';
import { bytesMax } from './refusals.ts';

const [version] = gadgets.versions;
if (!version) throw new Error('gadgets have a version');

const config = (spec: object, metadata: KubeObject['metadata'] = {}): KubeObject => ({
  apiVersion: 'demo.test/v1',
  kind: 'Gadget',
  metadata: { name: 'g', ...metadata },
  spec: spec as NonNullable<KubeObject['spec']>,
});
const intent = (body: KubeObject, manager = 'm', more: Partial<ApplyResource> = {}): ApplyResource => ({
  kind: gadgets,
  version,
  namespace: 'default',
  name: 'g',
  fieldValidation: 'Warn',
  by: { ...by, fieldManager: manager },
  config: body,
  force: false,
  uid: 'new-uid',
  random: () => 0,
  ...more,
});

/** An account, and applies to it one after the other. */
function anAccount() {
  const { account } = given(defaultNamespace);
  return { account, apply: (order: ApplyResource) => applied(account, order) };
}

function applied(account: AccountState, order: ApplyResource) {
  const outcome = applyResource(order, account);
  if (outcome.decision.type === 'accepted') for (const event of outcome.decision.events) evolve(account, event, account.revision + 1n);
  return outcome;
}

const entriesOf = (account: AccountState): unknown =>
  account
    .find(gadgetKey)
    ?.object.metadata.managedFields?.map(({ manager, operation, subresource, fieldsV1 }) => [manager, operation, subresource, fieldsV1]);

describe('a configuration', () => {
  it('brings its object into being, owned by who applied it; defaults and status are not', () => {
    const { account, apply } = anAccount();
    expect(apply(intent(config({ size: 1 })))).toMatchObject({
      created: true,
      decision: { type: 'accepted', events: [{ type: 'ResourceDeclared', uid: 'new-uid' }] },
      object: { spec: { size: 1, color: 'red' } },
    });
    expect(entriesOf(account)).toMatchObject([
      ['m', 'Apply', undefined, { 'f:spec': { 'f:size': {} } }],
      ['tributary', 'Update', 'status', { 'f:status': { 'f:conditions': {} } }],
    ]);
  });

  it('applied again changes nothing', () => {
    const { apply } = anAccount();
    apply(intent(config({ size: 1 })));
    expect(apply(intent(config({ size: 1 }), 'm', { uid: 'other' }))).toMatchObject({
      created: false,
      decision: { type: 'accepted', events: [] },
    });
  });

  it('revises the spec, and what it no longer names goes back to its default', () => {
    const { apply } = anAccount();
    apply(intent(config({ size: 1, color: 'blue' })));
    expect(apply(intent(config({ size: 2 }))).decision).toMatchObject({
      events: [{ type: 'SpecRevised', object: { metadata: { generation: 2 }, spec: { size: 2, color: 'red' } } }],
    });
  });

  it('that only joins in is a change of its own, without news for the provider', () => {
    const { account, apply } = anAccount();
    apply(intent(config({ size: 1 })));
    expect(apply(intent(config({ size: 1 }), 'n')).decision).toMatchObject({ events: [{ type: 'MetadataRevised' }] });
    expect(entriesOf(account)).toContainEqual(['n', 'Apply', undefined, { 'f:spec': { 'f:size': {} } }]);
  });

  it.each([
    ['others own what it changes', config({ size: 2 }), 'FieldsContested'],
    ['it names a field that nobody declared', config({ sise: 2 }), 'ConfigurationUnfit'],
    ['it carries managedFields', config({}, { managedFields: [] }), 'RequestMalformed'],
    ['it names another object', config({}, { name: 'h' }), 'RequestMalformed'],
    ['its version is no text', { ...config({}), apiVersion: 1 as unknown as string }, 'RequestMalformed'],
    ['its metadata is no object', { ...config({}), metadata: 'x' as unknown as KubeObject['metadata'] }, 'ConfigurationUnfit'],
    ['its labels are no texts', config({}, { labels: { a: 1 as unknown as string } }), 'ConfigurationUnfit'],
    ['it is of another version', { ...config({}), apiVersion: 'demo.test/v9' }, 'RequestMalformed'],
    ['it has seen another state', config({}, { resourceVersion: '1' }), 'ResourceMoved'],
    ['the result is not valid', config({ color: 'blue', size: -1 }), 'FieldsContested'],
  ])('is refused where %s', (_, body, type) => {
    const { apply } = anAccount();
    apply(intent(config({ size: 1 })));
    expect(apply(intent(body, 'n')).decision).toMatchObject({ type: 'refused', refusal: { type } });
  });

  it('may take from others what they own', () => {
    const { account, apply } = anAccount();
    apply(intent(config({ size: 1 })));
    expect(apply(intent(config({ size: 2 }), 'n', { force: true })).object).toMatchObject({ spec: { size: 2 } });
    expect(entriesOf(account)).toMatchObject([
      ['n', 'Apply', undefined, { 'f:spec': { 'f:size': {} } }],
      ['tributary', 'Update', 'status', {}],
    ]);
  });

  it('finds nothing to apply to on /status, nor under a uid, before the object is there', () => {
    const { apply } = anAccount();
    expect(apply(intent(config({}), 'm', { subresource: 'status' })).decision).toMatchObject({ refusal: { type: 'ResourceUnknown' } });
    expect(apply(intent(config({ size: 1 }, { uid: 'x' }))).decision).toMatchObject({ refusal: { type: 'UidUnmatched', uid: 'x' } });
  });

  it('of the status owns nothing else', () => {
    const { account, apply } = anAccount();
    apply(intent(config({ size: 1 })));
    const body = { ...config({ size: 9 }, { labels: { a: 'b' } }), status: { url: 'http://x' } };
    expect(apply(intent(body, 'ctl', { subresource: 'status' })).object).toMatchObject({ spec: { size: 1 }, status: { url: 'http://x' } });
    expect(entriesOf(account)).toContainEqual(['ctl', 'Apply', 'status', { 'f:status': { 'f:url': {} } }]);
  });
});

describe('other writes', () => {
  const declare = (account: AccountState, spec: object) =>
    declareResource(
      {
        kind: gadgets,
        version,
        namespace: 'default',
        body: config(spec),
        duplicateFields: [],
        fieldValidation: 'Warn',
        uid: 'u-1',
        by,
        random: () => 0,
      },
      account,
    );

  it('own what they send, defaults included, and the provider what it reports', () => {
    const { account } = anAccount();
    const { decision } = declare(account, { size: 1 });
    if (decision.type === 'accepted') for (const event of decision.events) evolve(account, event, account.revision + 1n);
    expect(entriesOf(account)).toMatchObject([
      ['spec', 'Update', undefined, { 'f:spec': { '.': {}, 'f:size': {}, 'f:color': {} } }],
      ['tributary', 'Update', 'status', {}],
    ]);
    const report = { uid: 'u-1', export: 'demo.test', resource: 'gadgets', observedGeneration: 1, sequence: '1', released: false };
    const provider = { ...by, fieldManager: 'provider' };
    const reported = reportStatus({ ...report, status: { url: 'http://x' }, kind: gadgets, by: provider }, account);
    if (reported.type === 'accepted') for (const event of reported.events) evolve(account, event, account.revision + 1n);
    expect(entriesOf(account)).toContainEqual(expect.arrayContaining(['provider', 'Update', 'status']));
  });

  it('of objects that only their owners make too large go without them', () => {
    const { account } = anAccount();
    const labels = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`label-${index}`, 'x']));
    const color = 'c'.repeat(bytesMax - 70_000);
    const body = config({ size: 1, color }, { labels });
    const { decision } = declareResource(
      { kind: gadgets, version, namespace: 'default', body, duplicateFields: [], fieldValidation: 'Warn', uid: 'u-1', by, random: () => 0 },
      account,
    );
    expect(decision).toMatchObject({ type: 'accepted' });
    const [event] = decision.type === 'accepted' ? decision.events : [];
    expect(event && 'object' in event ? event.object.metadata.managedFields : 'none').toBeUndefined();
  });
});
