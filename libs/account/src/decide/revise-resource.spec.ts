import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#kube';
import type { AccountState } from '../account-state.ts';
import { body, by, defaultNamespace, gadgetDeclared, gadgetKey, gadgets, given } from '../testing/given.ts';
import { reviseResource, type ReviseResource } from './revise-resource.ts';

const [version] = gadgets.versions;
if (!version) throw new Error('the gadget has a version');

const revise = (change: ReviseResource['change'], more: Partial<ReviseResource> = {}): ReviseResource => ({
  kind: gadgets,
  version,
  namespace: 'default',
  name: 'g',
  duplicateFields: [],
  fieldValidation: 'Warn',
  by,
  change,
  ...more,
});
const replace = (wanted: KubeObject): ReviseResource['change'] => ({ type: 'replace', body: wanted });
const edit = (apply: (present: KubeObject) => KubeObject): ReviseResource['change'] => ({
  type: 'patch',
  apply: (present) => ({ type: 'patched', object: apply(present) }),
});
const decide = (intent: ReviseResource, account: AccountState) => reviseResource(intent, account).decision;

const answered = {
  observedGeneration: 1,
  url: 'http://x',
  conditions: [{ type: 'Ready', status: 'True', reason: 'Up', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
};
const held = gadgetDeclared({ deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['x.io/f'] });

describe('revising a resource', () => {
  it('counts a generation for a new spec, and opens Ready again', () =>
    given(defaultNamespace, gadgetDeclared({}, answered))
      .when(decide, revise(replace(body({ name: 'g', resourceVersion: '3' }, { size: 2 }))))
      .then({
        type: 'SpecRevised',
        was: '3',
        object: {
          metadata: { generation: 2, resourceVersion: '4', uid: 'u-1', creationTimestamp: '2026-01-01T00:00:00Z' },
          spec: { size: 2, color: 'red' },
          status: {
            observedGeneration: 1,
            url: 'http://x',
            conditions: [
              { type: 'Ready', status: 'Unknown' },
              { type: 'Reconciling', status: 'True', reason: 'SpecChanged' },
            ],
          },
        },
      }));

  it('counts none for labels', () =>
    given(defaultNamespace, gadgetDeclared())
      .when(decide, revise(edit((present) => ({ ...present, metadata: { ...present.metadata, labels: { a: 'b' } } }))))
      .then({ type: 'MetadataRevised', object: { metadata: { generation: 1, labels: { a: 'b' } } } }));

  it('quotes what a patch has made where Strict finds fault with it', () => {
    const bogus = edit((present) => ({ ...present, metadata: { name: 'g' }, spec: { size: 2, bogus: 1 }, status: {} }));
    const message = String.raw`Invalid value: "{\"apiVersion\":\"demo.test/v1\",\"kind\":\"Gadget\",\"metadata\":{\"name\":\"g\"},\"spec\":{\"size\":2,\"bogus\":1},\"status\":{}}": strict decoding error: unknown field "spec.bogus"`;
    given(defaultNamespace, gadgetDeclared())
      .when(decide, revise(bogus, { fieldValidation: 'Strict' }))
      .thenRefused({ type: 'ObjectInvalid', kind: '', name: '', causes: [{ field: 'patch', reason: 'FieldValueInvalid', message }] });
    given(defaultNamespace, gadgetDeclared())
      .when(decide, revise(replace(body({ name: 'g', resourceVersion: '3' }, { size: 2, bogus: 1 })), { fieldValidation: 'Strict' }))
      .thenRefused({ type: 'RequestMalformed' });
  });

  it('keeps its reason where a patch gives a field of a compiled-in kind another type', () =>
    given(defaultNamespace, gadgetDeclared())
      .when(
        decide,
        revise(
          edit((present) => ({ ...present, spec: { size: 'x' } })),
          { kind: { ...gadgets, compiledIn: true } },
        ),
      )
      .thenRefused({ type: 'ObjectInvalid' }));

  it('appends nothing where nothing changes', () => {
    const intent = revise(edit((present) => present));
    const { account } = given(defaultNamespace, gadgetDeclared({ annotations: { 'kcp.io/cluster': 'c1' } }));
    expect(reviseResource(intent, account)).toMatchObject({ decision: { events: [] }, object: { metadata: { resourceVersion: '3' } } });
  });

  it('keeps status from the main endpoint, and everything else from /status', () => {
    const status = { url: 'http://lie', conditions: [] };
    const everything = edit((present) => ({
      ...present,
      metadata: { ...present.metadata, labels: { a: 'b' } },
      spec: { size: 7 },
      status,
    }));
    given(defaultNamespace, gadgetDeclared({}, answered))
      .when(decide, revise(everything))
      .then({ type: 'SpecRevised', object: { spec: { size: 7 }, status: { url: 'http://x' } } });
    const { account } = given(defaultNamespace, gadgetDeclared({}, answered));
    const decision = decide(revise(everything, { subresource: 'status' }), account);
    expect(decision).toMatchObject({ events: [{ type: 'StatusReported', object: { spec: { size: 1 }, status: { url: 'http://lie' } } }] });
    expect(JSON.stringify(decision)).not.toContain('"labels"');
  });

  it('refuses a stale, a missing and a meaningless resourceVersion', () => {
    const at = (resourceVersion?: string) =>
      revise(replace(body({ name: 'g', ...(resourceVersion ? { resourceVersion } : {}) }, { size: 2 })));
    const gadget = given(defaultNamespace, gadgetDeclared());
    gadget.when(decide, at('1')).thenRefused({ type: 'ResourceMoved', key: gadgetKey });
    gadget.when(decide, at()).thenRefused({ type: 'ObjectInvalid', kind: 'gadgets', causes: [{ field: 'metadata.resourceVersion' }] });
    gadget.when(decide, at('abc')).thenRefused({ type: 'VersionUnfit', message: 'strconv.ParseUint: parsing "abc": invalid syntax' });
  });

  it('refuses to change what is immutable', () =>
    given(defaultNamespace, gadgetDeclared())
      .when(decide, revise(edit((present) => ({ ...present, metadata: { ...present.metadata, uid: 'zz' } }))))
      .thenRefused({ type: 'ObjectInvalid', causes: [{ field: 'metadata.uid' }] }));

  it('removes the object with the last finalizer, once its deletion was asked for', () => {
    const { decision, object } = reviseResource(
      revise(edit((present) => ({ ...present, metadata: { ...present.metadata, finalizers: [] } }))),
      given(defaultNamespace, held).account,
    );
    expect(decision).toMatchObject({ events: [{ type: 'ResourceRemoved', object: { metadata: { resourceVersion: '4' } } }] });
    expect(object?.metadata.resourceVersion).toBe('3');
  });

  it('lets no finalizer be added while the object goes', () =>
    given(defaultNamespace, held)
      .when(decide, revise(edit((present) => ({ ...present, metadata: { ...present.metadata, finalizers: ['x.io/f', 'x.io/g'] } }))))
      .thenRefused({ type: 'ObjectInvalid', causes: [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }] }));

  it('refuses what does not exist', () =>
    given(defaultNamespace)
      .when(decide, revise(edit((present) => present)))
      .thenRefused({ type: 'ResourceUnknown', key: gadgetKey }));
});
