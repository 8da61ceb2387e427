import { describe, expect, it } from 'vitest';
import { encodeEvent, type AccountEvent, type ObjectEvent } from '#account';
import type { KubeObject, ResourceKey } from '#kube';
import type { RecordedEvent } from '#stream';
import { reactionTo } from './reactions.ts';

const by = { user: 'ann', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };

function change(type: 'ResourceDeclared' | 'SpecRevised' | 'MetadataRevised', resource: string, metadata: object = {}): AccountEvent {
  const [plural = '', ...group] = resource.split('.');
  const key: ResourceKey = { group: group.join('.'), resource: plural, namespace: '', name: 'x' };
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', uid: 'u', ...metadata } } as unknown as KubeObject;
  return { type, key, uid: 'u', object, by } satisfies ObjectEvent;
}

const owner = { apiVersion: 'v1', kind: 'X', name: 'y', uid: 'v' };

describe('which events ask for a reaction', () => {
  it.each<[boolean, AccountEvent]>([
    [false, change('ResourceDeclared', 'things.example.io')],
    [false, change('SpecRevised', 'things.example.io', { labels: { a: 'b' } })],
    [true, change('ResourceDeclared', 'things.example.io', { ownerReferences: [owner] })],
    [true, change('MetadataRevised', 'things.example.io', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    [true, { ...(change('MetadataRevised', 'things.example.io') as ObjectEvent), disowned: ['v'] } as AccountEvent],
    [true, change('ResourceDeclared', 'namespaces')],
    [true, change('ResourceDeclared', 'accounts.core.platform-mesh.io')],
    [true, change('ResourceDeclared', 'apibindings.apis.kcp.io')],
    [false, change('MetadataRevised', 'apiexports.apis.kcp.io')],
    [true, change('MetadataRevised', 'clusterroles.rbac.authorization.k8s.io')],
    [true, change('SpecRevised', 'customresourcedefinitions.apiextensions.k8s.io')],
    [false, change('ResourceDeclared', 'customresourcedefinitions.apiextensions.k8s.io')],
  ])('%s for %o, told as text or as its writer holds it', (reacts, event) => {
    const recorded: RecordedEvent = { id: '', type: event.type, data: encodeEvent(event), stream: 'account-a', revision: 0n, position: 1n };
    const sweep = (): Promise<void> => Promise.resolve();
    expect(reactionTo(recorded, sweep) !== undefined).toBe(reacts);
    expect(reactionTo({ ...recorded, decoded: event }, sweep) !== undefined).toBe(reacts);
  });
});
