import type { ObjectEvent } from '#account';
import type { Projection } from '../projection.ts';

/** The end of an object: the log tells what happened to it, each change names the one before. */
export type HistoryRow = {
  readonly cluster: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of its removal, in the account's stream. */
  readonly revision: bigint;
  readonly position: bigint;
};

type Key = 'cluster' | 'group' | 'resource' | 'namespace' | 'name' | 'revision';

/** Where the histories of objects end that are gone, until their workspace closes. Those of others end where the view `resources` says. */
export const historyView: Projection<HistoryRow, Key> = {
  table: 'history',
  key: ['cluster', 'group', 'resource', 'namespace', 'name', 'revision'],
  concerns: ({ type }) => type === 'ResourceRemoved' || type === 'WorkspaceClosed',
  changes({ cluster, position, revision, event }) {
    switch (event.type) {
      case 'ResourceRemoved':
        return [{ type: 'put', row: { cluster, ...placeOf(event), revision, position } }];
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'MetadataRevised':
      case 'StatusReported':
      case 'DeletionRequested':
      case 'ApiBound':
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'ApiUnbound':
        return [];
    }
  },
};

const placeOf = ({ key }: ObjectEvent): Omit<HistoryRow, 'cluster' | 'revision' | 'position'> => ({
  group: key.group,
  resource: key.resource,
  namespace: key.namespace,
  name: key.name,
});
