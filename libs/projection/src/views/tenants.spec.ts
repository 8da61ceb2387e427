import { describe, expect, it } from 'vitest';
import { encodeEvent, type AccountEvent, type ObjectEvent } from '#account';
import type { Json, KubeObject, ObjectMeta } from '#kube';
import type { RecordedEvent } from '#stream';
import { accountsView } from './accounts.ts';
import { bindingsView } from './bindings.ts';
import { historyView } from './history.ts';
import { livenessView } from './liveness.ts';

const at = '2026-11-23T08:00:00Z';
const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'apply', at: '2026-11-23T08:00:00.123Z', cause: 'audit' };
const provider = { cluster: 'p1', export: 'gadgets.io', identityHash: 'h' };
const placed = (event: AccountEvent) => ({ cluster: 'c1', position: 7n, revision: 3n, event });

type Given = { readonly metadata?: ObjectMeta; readonly spec?: Json; readonly status?: Json };
function happened(type: Exclude<ObjectEvent['type'], 'ApiBound'>, resource: string, given: Given = {}, more: object = {}): AccountEvent {
  const [name = '', ...group] = resource.split('.');
  const object: KubeObject = { apiVersion: 'v1', kind: 'Any', ...given, metadata: { name: 'n', creationTimestamp: at, ...given.metadata } };
  return {
    type,
    key: { group: group.join('.'), resource: name, namespace: '', name: 'n' },
    uid: 'u1',
    object,
    by,
    ...more,
  } as AccountEvent;
}

const recorded = (event: AccountEvent): RecordedEvent => ({
  id: '',
  type: event.type,
  data: encodeEvent(event),
  stream: 'account-c1',
  revision: 3n,
  position: 7n,
});

describe('the view of accounts', () => {
  it('shows an account, its workspace, and how it is', () => {
    const account = {
      spec: { type: 'org', displayName: 'Acme', creator: 'ada' },
      status: { cluster: 'c9', path: 'root:orgs:acme', conditions: [{ type: 'Ready', status: 'True', message: 'open' }] as never },
    };
    const shown = happened('StatusReported', 'accounts.core.platform-mesh.io', account);
    const row = { cluster: 'c1', name: 'n', uid: 'u1', type: 'org', displayName: 'Acme', creator: 'ada', workspaceCluster: 'c9' };
    expect(accountsView.changes(placed(shown))).toEqual([
      {
        type: 'put',
        row: { ...row, workspacePath: 'root:orgs:acme', health: 'Current', reason: 'open', created: at, deleting: null, position: 7n },
      },
    ]);
    expect(accountsView.changes(placed(happened('ResourceDeclared', 'accounts.core.platform-mesh.io')))).toMatchObject([
      { row: { workspaceCluster: null, type: '' } },
    ]);
  });

  it('ends with the account, and with its parent’s workspace', () => {
    const removed = happened('ResourceRemoved', 'accounts.core.platform-mesh.io');
    expect(accountsView.changes(placed(removed))).toEqual([{ type: 'drop', where: { cluster: 'c1', name: 'n' } }]);
    expect(accountsView.changes(placed({ type: 'WorkspaceClosed', by }))).toEqual([{ type: 'drop', where: { cluster: 'c1' } }]);
    expect(accountsView.changes(placed(happened('ResourceDeclared', 'accounts.acme.io')))).toEqual([]);
    expect(accountsView.concerns(recorded(removed))).toBe(true);
    expect(accountsView.concerns(recorded(happened('ResourceDeclared', 'gadgets.acme.io')))).toBe(false);
  });
});

describe('the view of bindings', () => {
  it('shows what is bound, whatever stands in the status', () => {
    const binding = {
      spec: { reference: { export: { path: 'root:providers:p', name: 'gadgets.io' } } },
      status: { phase: 'Bound', apiExportClusterName: 'p1', boundResources: [{ group: 'g', resource: 'r', schema: {} }, null, 7] },
    };
    expect(bindingsView.changes(placed(happened('StatusReported', 'apibindings.apis.kcp.io', binding)))).toMatchObject([
      {
        row: { exportPath: 'root:providers:p', exportName: 'gadgets.io', exportCluster: 'p1', resources: [{ group: 'g', resource: 'r' }] },
      },
    ]);
    expect(bindingsView.changes(placed(happened('ResourceRemoved', 'apibindings.apis.kcp.io')))).toMatchObject([{ type: 'drop' }]);
    expect(bindingsView.changes(placed(happened('ResourceRemoved', 'apibindings.acme.io')))).toEqual([]);
  });
});

describe('the view of history', () => {
  it('remembers where the history of an object ends that is gone', () => {
    const removed = happened('ResourceRemoved', 'gadgets.acme.io', { metadata: { generation: 2 } }, { was: '3' });
    const row = { cluster: 'c1', group: 'acme.io', resource: 'gadgets', namespace: '', name: 'n', revision: 3n, position: 7n };
    expect(historyView.changes(placed(removed))).toEqual([{ type: 'put', row }]);
    expect(historyView.concerns(recorded(happened('SpecRevised', 'gadgets.acme.io')))).toBe(false);
    expect(historyView.changes(placed({ type: 'WorkspaceClosed', by }))).toEqual([{ type: 'drop', where: { cluster: 'c1' } }]);
  });
});

describe('the view of who answers', () => {
  const order = { providerCluster: 'p1', providerExport: 'gadgets.io', cluster: 'c1', uid: 'u1' };
  const sign = { type: 'put', row: { ...order, cluster: '', uid: '', at: by.at, position: 7n } };
  const gadget = (type: 'ResourceDeclared' | 'StatusReported' | 'DeletionRequested' | 'ResourceRemoved', given: Given = {}, more = {}) =>
    livenessView.changes(placed(happened(type, 'gadgets.acme.io', given, { provider, ...more })));

  it('remembers an order until its newest generation is answered', () => {
    expect(gadget('ResourceDeclared')).toEqual([{ type: 'put', row: { ...order, at: by.at, position: 7n } }]);
    const answer = { metadata: { generation: 2 }, status: { observedGeneration: 2 } };
    expect(gadget('StatusReported', answer, { sequence: '1' })).toEqual([sign, { type: 'drop', where: order }]);
    expect(gadget('StatusReported', { ...answer, status: { observedGeneration: 1 } }, { sequence: '1' })).toEqual([sign]);
    expect(gadget('StatusReported', answer)).toEqual([]);
  });

  it('waits for the end of what is being deleted', () => {
    expect(gadget('DeletionRequested')).toHaveLength(1);
    const deleting = { metadata: { generation: 1, deletionTimestamp: at }, status: { observedGeneration: 1 } };
    expect(gadget('StatusReported', deleting, { sequence: '2' })).toEqual([sign]);
    expect(gadget('ResourceRemoved')).toEqual([{ type: 'drop', where: order }]);
  });

  it('forgets a provider with its export, and a consumer with their workspace', () => {
    expect(livenessView.changes(placed(happened('ResourceRemoved', 'apiexports.apis.kcp.io')))).toEqual([
      { type: 'drop', where: { providerCluster: 'c1', providerExport: 'n' } },
    ]);
    expect(livenessView.changes(placed({ type: 'WorkspaceClosed', by }))).toHaveLength(2);
  });

  it('does not look at what no provider is asked for', () => {
    expect(livenessView.concerns(recorded(happened('ResourceDeclared', 'configmaps')))).toBe(false);
    expect(livenessView.concerns(recorded(happened('ResourceDeclared', 'gadgets.acme.io', {}, { provider })))).toBe(true);
    expect(livenessView.concerns(recorded(happened('MetadataRevised', 'gadgets.acme.io', {}, { provider })))).toBe(false);
  });
});
