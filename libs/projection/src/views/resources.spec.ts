import { describe, expect, it } from 'vitest';
import type { AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import type { RecordedEvent } from '#stream';
import { JsonText } from '../json-text.ts';
import { resourcesView } from './resources.ts';

const at = '2026-11-23T08:00:00Z';
const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T08:00:00.000Z', cause: 'audit' };
const copy = 'kubectl.kubernetes.io/last-applied-configuration';
const provider = { cluster: 'p1', export: 'httpbin.io', identityHash: 'h' };
const key = { group: 'demo.test', resource: 'gadgets', namespace: 'default', name: 'web-01' };

const gadget: KubeObject = {
  apiVersion: 'demo.test/v1',
  kind: 'Gadget',
  metadata: {
    name: 'web-01',
    namespace: 'default',
    uid: 'u1',
    resourceVersion: '8',
    generation: 1,
    creationTimestamp: at,
    labels: { team: 'Blue' },
    annotations: { [copy]: '{"spec":{"password":"hunter2"}}', note: 'kept' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'owner-uid' }],
    managedFields: [{ manager: 'kubectl' }],
  },
  spec: { region: 'eu-west', sizes: [1, 'Große'] },
  status: { conditions: [{ type: 'Ready', status: 'False', reason: 'NoDisk', message: 'no disk', lastTransitionTime: at }] },
};

type Changed = 'ResourceDeclared' | 'SpecRevised' | 'StatusReported' | 'ResourceRemoved';
const event = (type: Changed, object = gadget, more: object = { provider }): AccountEvent => ({
  type,
  key,
  uid: 'u1',
  object,
  by,
  ...more,
});
const changes = (event: AccountEvent) => resourcesView.changes({ cluster: 'c1', position: 7n, revision: 3n, event });

function rowOf(event: AccountEvent): Record<string, unknown> {
  const [change] = changes(event);
  if (change?.type !== 'put') throw new Error('no row');
  const { object } = change.row;
  return { ...change.row, object: object instanceof JsonText ? JSON.parse(object.text) : object };
}

describe('the view of all objects', () => {
  it('shows what was declared, and how it is', () => {
    expect(rowOf(event('ResourceDeclared'))).toEqual({
      cluster: 'c1',
      ...key,
      kind: 'Gadget',
      uid: 'u1',
      resourceVersion: '8',
      position: 7n,
      created: at,
      deleting: null,
      generation: 1,
      creator: 'ada',
      owners: ['owner-uid'],
      labels: { team: 'Blue' },
      providerCluster: 'p1',
      providerExport: 'httpbin.io',
      ready: 'False',
      health: 'InProgress',
      turn: 'provider',
      since: at,
      reason: 'no disk',
      object: {
        ...gadget,
        metadata: { ...gadget.metadata, annotations: { note: 'kept' }, managedFields: undefined },
      },
      words: 'web 01 gadget gadgets blue eu west große',
    });
  });

  it('leaves alone what a report cannot change', () => {
    const reported = rowOf(event('StatusReported', gadget, { by: { ...by, user: 'provider' }, provider }));
    expect('creator' in reported || 'words' in reported).toBe(false);
    expect('creator' in rowOf(event('SpecRevised'))).toBe(false);
    expect(rowOf(event('SpecRevised'))['words']).toContain('west');
  });

  it('knows whose turn it is', () => {
    expect(rowOf(event('ResourceDeclared', gadget, {}))['turn']).toBe('consumer');
    const binding = { ...key, group: 'apis.kcp.io', resource: 'apibindings' };
    expect(rowOf(event('ResourceDeclared', gadget, { key: binding }))['turn']).toBe('mesh');
  });

  it('removes an object, and a workspace with all of its objects', () => {
    expect(changes(event('ResourceRemoved'))).toEqual([{ type: 'drop', where: { cluster: 'c1', ...key } }]);
    expect(changes({ type: 'WorkspaceClosed', by })).toEqual([{ type: 'drop', where: { cluster: 'c1' } }]);
    expect(changes({ type: 'WorkspaceClosing', by })).toEqual([]);
    const recorded = (type: string): RecordedEvent => ({ id: '', type, data: '', stream: 'account-c1', revision: 0n, position: 1n });
    expect(['WorkspaceOpened', 'ResourceDeclared', 'WorkspaceClosed'].map((type) => resourcesView.concerns(recorded(type)))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('shows of a Secret the names of its keys, whatever it is given', () => {
    const secretKey = { group: '', resource: 'secrets', namespace: 'default', name: 'db' };
    const metadata = { name: 'db', annotations: { [copy]: '{"data":{"p":"aHVudGVyMg=="}}' } };
    const clear: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata, data: { p: 'aHVudGVyMg==' }, type: 'Opaque' };
    const row = rowOf(event('ResourceDeclared', clear, { key: secretKey }));
    expect(row).toMatchObject({ object: { kind: 'Secret', data: { p: null }, type: 'Opaque' }, words: 'db secret secrets', turn: null });
    expect(JSON.stringify({ ...row, position: 0 })).not.toContain('aHVudGVyMg');
    const managedFields = [{ fieldsV1: { 'f:data': { '.': {}, 'f:p': {} } } }];
    const sealed: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', managedFields } };
    expect(rowOf(event('StatusReported', sealed, { key: secretKey }))).toMatchObject({ object: { data: { p: null } } });
  });

  it('is not stopped by what a status says of times', () => {
    const told = (lastTransitionTime: unknown): unknown => {
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }] as never;
      return rowOf(event('StatusReported', { ...gadget, status: { conditions } }))['since'];
    };
    expect(told('yesterday')).toBeNull();
    expect(told('0000-01-01T00:00:00Z')).toBeNull();
    expect(told('+012345-01-01T00:00:00Z')).toBeNull();
    expect(told('2026-02-31T00:00:00Z')).toBe('2026-03-03T00:00:00.000Z');
    expect(told('2026-11-23T08:00:00.123456+02:00')).toBe('2026-11-23T06:00:00.123Z');
    expect(told(7)).toBe(at);
  });

  it('takes no more words than there is room for', () => {
    const words = String(
      rowOf(event('ResourceDeclared', { ...gadget, spec: { text: 'x1 '.repeat(10), long: 'y'.repeat(100_000) } }))['words'],
    );
    expect(words.length).toBeLessThan(5_000);
    expect(words.split(' ').every((word) => word.length <= 64)).toBe(true);
  });
});
