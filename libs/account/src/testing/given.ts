import { expect } from 'vitest';
import { compileSchema, type KubeObject, type ResourceKey, type ServedKind } from '#kube';
import type { Decision } from '#stream';
import { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { evolve } from '../evolve.ts';

export const by: EventAuthor = { user: 'ada', userAgent: 'spec/1', fieldManager: 'spec', at: '2026-01-02T03:04:05.678Z', cause: 'spec' };

/** An account that is open and has lived through these events. */
export function given(...history: readonly AccountEvent[]) {
  const account = new AccountState();
  const all: readonly AccountEvent[] = [{ type: 'WorkspaceOpened', cluster: 'c1', path: 'root:orgs:acme', owner: null, by }, ...history];
  for (const [index, event] of all.entries()) evolve(account, event, BigInt(index));
  return {
    account,
    when<Intent, Refusal extends { readonly type: string }>(
      decide: (intent: Intent, account: AccountState) => Decision<AccountEvent, Refusal>,
      intent: Intent,
    ) {
      const decision = decide(intent, account);
      return {
        then: (...events: readonly unknown[]) => expect(decision).toMatchObject({ type: 'accepted', events }),
        thenNothing: () => expect(decision).toEqual({ type: 'accepted', events: [] }),
        thenRefused: (refusal: { readonly type: Refusal['type']; readonly [field: string]: unknown }) =>
          expect(decision).toMatchObject({ type: 'refused', refusal }),
      };
    },
  };
}

export const gadgets: ServedKind = {
  group: 'demo.test',
  resource: 'gadgets',
  singular: 'gadget',
  kind: 'Gadget',
  listKind: 'GadgetList',
  shortNames: [],
  categories: [],
  namespaced: true,
  nameRule: 'dns1123subdomain',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  versions: [
    {
      name: 'v1',
      served: true,
      statusSubresource: true,
      columns: [],
      selectableFields: [],
      schema: compileSchema({
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            required: ['size'],
            properties: { size: { type: 'integer', minimum: 0 }, color: { type: 'string', default: 'red' } },
          },
          status: {
            type: 'object',
            properties: {
              url: { type: 'string' },
              observedGeneration: { type: 'integer' },
              conditions: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        },
      }),
    },
  ],
  storageVersion: 'v1',
  unconditionalUpdate: false,
  hasGeneration: true,
  source: { type: 'bound', binding: 'demo', provider: { cluster: 'p1', export: 'demo.test', identityHash: 'h1' } },
};

export const gadgetKey: ResourceKey = { group: 'demo.test', resource: 'gadgets', namespace: 'default', name: 'g' };

export const defaultNamespace: AccountEvent = {
  type: 'ResourceDeclared',
  key: { group: '', resource: 'namespaces', namespace: '', name: 'default' },
  uid: 'ns-1',
  object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', uid: 'ns-1' }, spec: { finalizers: ['kubernetes'] } },
  by,
};

/** The gadget `g` as it was declared, third event of its account. */
export function gadgetDeclared(
  more: Partial<KubeObject['metadata']> = {},
  status: KubeObject['status'] = { conditions: [] },
): AccountEvent {
  const metadata = {
    name: 'g',
    namespace: 'default',
    uid: 'u-1',
    generation: 1,
    resourceVersion: '3',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...more,
  };
  const object: KubeObject = { apiVersion: 'demo.test/v1', kind: 'Gadget', metadata, spec: { size: 1, color: 'red' }, status };
  const provider = { cluster: 'p1', export: 'demo.test', identityHash: 'h1' };
  return { type: 'ResourceDeclared', key: gadgetKey, uid: 'u-1', object, provider, by };
}

export const body = (metadata: KubeObject['metadata'], spec: KubeObject['spec']): KubeObject => ({
  apiVersion: 'demo.test/v1',
  kind: 'Gadget',
  metadata,
  ...(spec === undefined ? {} : { spec }),
});
