import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#kube';
import type { AccountEvent } from '../events.ts';
import { by, gadgetKey, given } from '../testing/given.ts';
import { requestDeletion, type RequestDeletion } from './request-deletion.ts';

const plain = (metadata: Partial<KubeObject['metadata']> = {}, spec: object = {}): AccountEvent => ({
  type: 'ResourceDeclared',
  key: gadgetKey,
  uid: 'u-1',
  object: { apiVersion: 'demo.test/v1', kind: 'Gadget', metadata: { name: 'g', uid: 'u-1', ...metadata }, spec: spec as never },
  by,
});
const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 };

function asked(object: AccountEvent, more: Partial<RequestDeletion>) {
  const intent = { key: gadgetKey, kindName: 'Gadget', hasGeneration: true, by, ...more };
  const { decision, gone } = requestDeletion(intent, given(object).account);
  const [event] = decision.type === 'accepted' ? decision.events : [];
  return { type: event?.type, gone, finalizers: event && 'object' in event ? event.object.metadata.finalizers : undefined };
}

describe('who asks for a deletion', () => {
  it('says what becomes of the dependents, whatever the object said before', () => {
    const held = plain({ finalizers: ['orphan', 'x.io/f'] });
    expect(asked(held, { propagation: 'Foreground' }).finalizers).toEqual(['x.io/f', 'foregroundDeletion']);
    expect(asked(held, { propagation: 'Background' }).finalizers).toEqual(['x.io/f']);
    expect(asked(held, {}).finalizers).toEqual(['x.io/f', 'orphan']);
    expect(asked(plain(), { propagation: 'Orphan' })).toEqual({ type: 'DeletionRequested', gone: false, finalizers: ['orphan'] });
    expect(asked(plain(), {})).toMatchObject({ type: 'ResourceRemoved', gone: true });
  });

  it('may say otherwise until the object is gone', () => {
    const waiting = plain({ ...deleting, finalizers: ['foregroundDeletion'] });
    expect(asked(waiting, {})).toEqual({ type: undefined, gone: false, finalizers: undefined });
    expect(asked(waiting, { propagation: 'Orphan' })).toEqual({ type: 'MetadataRevised', gone: false, finalizers: ['orphan'] });
    expect(asked(waiting, { propagation: 'Background' })).toEqual({ type: 'ResourceRemoved', gone: true, finalizers: undefined });
  });

  it('says nothing of the kind where a kind has no dependents', () => {
    expect(asked(plain(), { propagation: 'Foreground', rules: { withoutDependents: true } })).toMatchObject({ gone: true });
  });

  it('is not held up by what a spec happens to call finalizers', () => {
    expect(asked(plain({}, { finalizers: ['kubernetes'] }), {})).toMatchObject({ gone: true });
  });

  it('is given no time by kinds that end in a way of their own, nor a generation', () => {
    const metadataAfter = (rules: RequestDeletion['rules']) => {
      const intent = { key: gadgetKey, kindName: 'Gadget', hasGeneration: true, by, rules, propagation: 'Foreground' } as const;
      return requestDeletion(intent, given(plain()).account).object?.metadata;
    };
    expect(metadataAfter(undefined)).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 });
    const own = metadataAfter({ deletingStatus: () => ({}) });
    expect([own?.deletionTimestamp, own?.deletionGracePeriodSeconds, own?.generation]).toEqual([
      by.at.slice(0, 19) + 'Z',
      undefined,
      undefined,
    ]);
  });
});
