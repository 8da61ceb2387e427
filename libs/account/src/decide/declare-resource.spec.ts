import { describe, expect, it } from 'vitest';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent } from '../events.ts';
import { body, by, defaultNamespace, gadgetDeclared, gadgetKey, gadgets, given } from '../testing/given.ts';
import { declareResource, type DeclareResource } from './declare-resource.ts';

const [version] = gadgets.versions;
if (!version) throw new Error('the gadget has a version');

const declare = (more: Partial<DeclareResource> = {}): DeclareResource => ({
  kind: gadgets,
  version,
  namespace: 'default',
  body: body({ name: 'g' }, { size: 1 }),
  duplicateFields: [],
  fieldValidation: 'Warn',
  uid: 'u-1',
  by,
  random: () => 0,
  ...more,
});
const decide = (intent: DeclareResource, account: AccountState) => declareResource(intent, account).decision;

describe('declaring a resource', () => {
  it('records the order with defaults, identity, the first generation and a status that says it waits', () =>
    given(defaultNamespace)
      .when(decide, declare())
      .then({
        type: 'ResourceDeclared',
        key: gadgetKey,
        uid: 'u-1',
        provider: { export: 'demo.test' },
        object: {
          metadata: {
            name: 'g',
            namespace: 'default',
            uid: 'u-1',
            generation: 1,
            resourceVersion: '3',
            creationTimestamp: '2026-01-02T03:04:05Z',
            annotations: { 'kcp.io/cluster': 'c1' },
          },
          spec: { size: 1, color: 'red' },
          status: {
            conditions: [
              { type: 'Ready', status: 'Unknown', reason: 'WaitingForProvider' },
              { type: 'Reconciling', status: 'True', reason: 'Accepted' },
            ],
          },
        },
        by,
      }));

  it('takes nothing from the client that only the server may say', () => {
    const lies = {
      name: 'g',
      uid: 'mine',
      generation: 9,
      creationTimestamp: '2001-01-01T00:00:00Z',
      deletionTimestamp: '2001-01-01T00:00:00Z',
    };
    const { decision } = declareResource(
      declare({ body: { ...body(lies, { size: 1 }), status: { url: 'http://lie' } } }),
      given(defaultNamespace).account,
    );
    const event = decision.type === 'accepted' ? decision.events[0] : undefined;
    if (event?.type !== 'ResourceDeclared') throw new Error('it was refused');
    expect(event.object.metadata).toMatchObject({ uid: 'u-1', generation: 1, creationTimestamp: '2026-01-02T03:04:05Z' });
    expect(event.object.metadata).not.toHaveProperty('deletionTimestamp');
    expect(event.object.status).not.toHaveProperty('url');
  });

  it('changes nothing when its own first attempt was committed', () =>
    given(defaultNamespace, gadgetDeclared()).when(decide, declare()).thenNothing());

  it('refuses a second object under the same name', () =>
    given(defaultNamespace, gadgetDeclared())
      .when(decide, declare({ uid: 'u-2' }))
      .thenRefused({ type: 'ResourceExists', key: gadgetKey }));

  it('makes up a name that is free', () =>
    given(defaultNamespace)
      .when(decide, declare({ body: body({ generateName: 'g-' }, { size: 1 }) }))
      .then({ key: { name: 'g-bbbbb' }, object: { metadata: { name: 'g-bbbbb', generateName: 'g-' } } }));

  it('says so when it finds no name that is free', () =>
    given(defaultNamespace, { ...gadgetDeclared(), key: { ...gadgetKey, name: 'g-bbbbb' } } as AccountEvent)
      .when(decide, declare({ uid: 'u-2', body: body({ generateName: 'g-' }, { size: 1 }) }))
      .thenRefused({ type: 'ResourceExists', key: { name: 'g-bbbbb' }, generated: true }));

  it('refuses a namespace that is not there', () =>
    given().when(decide, declare()).thenRefused({ type: 'NamespaceUnknown', namespace: 'default' }));

  it('names every wrong field', () =>
    given(defaultNamespace)
      .when(decide, declare({ body: body({ name: 'G_' }, { size: -1 }) }))
      .thenRefused({ type: 'ObjectInvalid', name: 'G_', causes: [{ field: 'metadata.name' }, { field: 'spec.size' }] }));

  it('cannot read a kind that clients have compiled in where a field has another type', () => {
    const intent = declare({ body: body({ name: 'g' }, { size: 'x', color: 7 }) });
    given(defaultNamespace).when(decide, intent).thenRefused({ type: 'ObjectInvalid' });
    given(defaultNamespace)
      .when(decide, { ...intent, kind: { ...intent.kind, compiledIn: true } })
      .thenRefused({
        type: 'RequestMalformed',
        message:
          'Gadget in version "v1" cannot be handled as a Gadget: spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", spec.color: Invalid value: "integer": spec.color in body must be of type string: "integer"',
      });
  });

  it('refuses unknown and doubled fields under Strict, and warns of them otherwise', () => {
    const intent = declare({ body: body({ name: 'g' }, { size: 1, bogus: 1 }), duplicateFields: ['spec.size'] });
    const message =
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: duplicate field "spec.size", unknown field "spec.bogus"';
    given(defaultNamespace)
      .when(decide, { ...intent, fieldValidation: 'Strict' })
      .thenRefused({ type: 'RequestMalformed', message });
    expect(declareResource(intent, given(defaultNamespace).account).warnings).toEqual([
      'duplicate field "spec.size"',
      'unknown field "spec.bogus"',
    ]);
    expect(declareResource({ ...intent, fieldValidation: 'Ignore' }, given(defaultNamespace).account).warnings).toEqual([]);
  });

  it.each([
    [
      { ...body({ name: 'g' }, { size: 1 }), apiVersion: 'demo.test/v2' },
      'the API version in the data (demo.test/v2) does not match the expected API version (demo.test/v1)',
    ],
    [
      body({ name: 'g', namespace: 'other' }, { size: 1 }),
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
  ])('refuses a body that contradicts the request: %#', (contradiction, message) => {
    given(defaultNamespace)
      .when(decide, declare({ body: contradiction }))
      .thenRefused({ type: 'RequestMalformed', message });
  });

  it('refuses a resourceVersion, which nothing has before it is there', () =>
    given(defaultNamespace)
      .when(decide, declare({ body: body({ name: 'g', resourceVersion: '5' }, { size: 1 }) }))
      .thenRefused({ type: 'VersionUnfit', message: 'resourceVersion should not be set on objects to be created' }));

  it('refuses what is too large to keep', () =>
    given(defaultNamespace)
      .when(decide, declare({ body: body({ name: 'g' }, { size: 1, color: 'x'.repeat(1_600_000) }) }))
      .thenRefused({ type: 'ObjectTooLarge', bytesMax: 1_572_864 }));
});
