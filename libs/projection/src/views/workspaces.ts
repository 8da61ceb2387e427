import type { Projection } from '../projection.ts';

/** A workspace and where it stands in the tree. */
export type WorkspaceRow = {
  readonly cluster: string;
  readonly path: string;
  /** The cluster whose Account opened this workspace; null for the mesh's own roots. */
  readonly parent: string | null;
  /** Its deletion has begun. */
  readonly closing: boolean;
  readonly position: bigint;
};

/** Every workspace that is open or closing. */
export const workspacesView: Projection<WorkspaceRow, 'cluster'> = {
  table: 'workspaces',
  key: ['cluster'],
  concerns: ({ type }) => type === 'WorkspaceOpened' || type === 'WorkspaceClosing' || type === 'WorkspaceClosed',
  changes({ cluster, position, event }) {
    switch (event.type) {
      case 'WorkspaceOpened':
        return [{ type: 'put', row: { cluster, path: event.path, parent: event.owner?.cluster ?? null, closing: false, position } }];
      case 'WorkspaceClosing':
        return [{ type: 'merge', key: { cluster }, columns: { closing: true, position } }];
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'MetadataRevised':
      case 'StatusReported':
      case 'DeletionRequested':
      case 'ResourceRemoved':
      case 'ApiBound':
      case 'ApiUnbound':
        return [];
    }
  },
};
