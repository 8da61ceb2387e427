import { describe, expect, it } from 'vitest';
import type { AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import { catalogueView } from './catalogue.ts';
import { workspacesView } from './workspaces.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T00:00:00.000Z', cause: 'audit' };
const placed = (event: AccountEvent) => ({ cluster: 'c1', position: 7n, revision: 3n, event });

function objectEvent(type: 'ResourceDeclared' | 'MetadataRevised' | 'ResourceRemoved', resource: string, group: string): AccountEvent {
  const object: KubeObject = { apiVersion: `${group}/v1`, kind: 'Any', metadata: { name: 'httpbin' } };
  return { type, key: { group, resource, namespace: '', name: 'httpbin' }, uid: 'u1', object, by };
}

describe('the workspaces view', () => {
  it('shows a workspace from its opening to its end', () => {
    const opened: AccountEvent = {
      type: 'WorkspaceOpened',
      cluster: 'c1',
      path: 'root:orgs:acme',
      owner: { cluster: 'orgs', name: 'acme', uid: 'u' },
      by,
    };
    const row = { cluster: 'c1', path: 'root:orgs:acme', parent: 'orgs', closing: false, position: 7n };
    expect(workspacesView.changes(placed(opened))).toEqual([{ type: 'put', row }]);
    expect(workspacesView.changes(placed({ ...opened, owner: null }))).toEqual([{ type: 'put', row: { ...row, parent: null } }]);
    expect(workspacesView.changes(placed({ type: 'WorkspaceClosing', by }))).toEqual([
      { type: 'merge', key: { cluster: 'c1' }, columns: { closing: true, position: 7n } },
    ]);
    expect(workspacesView.changes(placed({ type: 'WorkspaceClosed', by }))).toEqual([{ type: 'drop', where: { cluster: 'c1' } }]);
  });
});

describe('the catalogue', () => {
  it('shows exports and how providers are presented', () => {
    const object = '{"apiVersion":"apis.kcp.io/v1","kind":"Any","metadata":{"name":"httpbin"}}';
    expect(catalogueView.changes(placed(objectEvent('ResourceDeclared', 'apiexports', 'apis.kcp.io')))).toEqual([
      { type: 'put', row: { cluster: 'c1', kind: 'APIExport', name: 'httpbin', uid: 'u1', object, position: 7n } },
    ]);
    expect(catalogueView.changes(placed(objectEvent('MetadataRevised', 'providermetadatas', 'ui.platform-mesh.io')))).toMatchObject([
      { type: 'put', row: { kind: 'ProviderMetadata' } },
    ]);
    expect(catalogueView.changes(placed(objectEvent('ResourceRemoved', 'apiexports', 'apis.kcp.io')))).toEqual([
      { type: 'drop', where: { cluster: 'c1', kind: 'APIExport', name: 'httpbin' } },
    ]);
    expect(catalogueView.changes(placed({ type: 'WorkspaceClosed', by }))).toEqual([{ type: 'drop', where: { cluster: 'c1' } }]);
  });

  it('shows nothing of kinds that only share a name', () => {
    expect(catalogueView.changes(placed(objectEvent('ResourceDeclared', 'apiexports', 'acme.io')))).toEqual([]);
    expect(catalogueView.changes(placed(objectEvent('ResourceDeclared', 'httpbins', 'apis.kcp.io')))).toEqual([]);
  });
});
