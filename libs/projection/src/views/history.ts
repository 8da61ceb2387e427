import type { AccountEvent } from '#account';
import type { Projection } from '../projection.ts';

/** One change of one object: who, when, through what. What it changed stands in the log, at `revision`, and what was before at `was`. */
export type HistoryRow = {
  readonly cluster: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** In the account's stream: the object's resourceVersion less one. */
  readonly revision: bigint;
  readonly position: bigint;
  readonly uid: string;
  readonly type: ObjectEvent['type'];
  /** The revision of the change before; null on the first. */
  readonly was: bigint | null;
  readonly generation: number | null;
  /** RFC 3339, milliseconds. */
  readonly at: string;
  readonly user: string;
  readonly impersonator: string | null;
  readonly userAgent: string;
  readonly fieldManager: string;
  readonly cause: string;
};

type ObjectEvent = Extract<AccountEvent, { readonly object: unknown }>;
type Key = 'cluster' | 'group' | 'resource' | 'namespace' | 'name' | 'revision';

/** Every change of every object, until its workspace closes. */
export const historyView: Projection<HistoryRow, Key> = {
  table: 'history',
  key: ['cluster', 'group', 'resource', 'namespace', 'name', 'revision'],
  concerns: ({ type }) => type !== 'WorkspaceOpened' && type !== 'WorkspaceClosing' && type !== 'ApiUnbound',
  changes({ cluster, position, revision, event }) {
    switch (event.type) {
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'MetadataRevised':
      case 'StatusReported':
      case 'DeletionRequested':
      case 'ResourceRemoved':
      case 'ApiBound':
        return [{ type: 'put', row: { cluster, revision, position, ...rowOf(event) } }];
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'ApiUnbound':
        return [];
    }
  },
};

function rowOf({ key, uid, type, was, object, by }: ObjectEvent): Omit<HistoryRow, 'cluster' | 'revision' | 'position'> {
  return {
    group: key.group,
    resource: key.resource,
    namespace: key.namespace,
    name: key.name,
    uid,
    type,
    was: was === undefined ? null : BigInt(was) - 1n,
    generation: object.metadata.generation ?? null,
    at: by.at,
    user: by.user,
    impersonator: by.impersonator ?? null,
    userAgent: by.userAgent,
    fieldManager: by.fieldManager,
    cause: by.cause,
  };
}
