import type { AccountEvent } from '#account';
import { healthOf, type HealthWord, type KubeObject } from '#kube';
import type { Projection } from '../projection.ts';
import { mayConcern } from './concerning.ts';
import { timeOf } from './time-of.ts';

/** An Account, in the workspace `cluster` of its parent. Times are RFC 3339. */
export type AccountRow = {
  readonly cluster: string;
  readonly name: string;
  readonly uid: string;
  /** org or account. */
  readonly type: string;
  readonly displayName: string;
  readonly creator: string;
  /** Of its own workspace; null as long as there is none. */
  readonly workspaceCluster: string | null;
  readonly workspacePath: string | null;
  readonly health: HealthWord;
  readonly reason: string;
  readonly created: string | null;
  readonly deleting: string | null;
  readonly position: bigint;
};

type ObjectEvent = Extract<AccountEvent, { readonly object: unknown }>;

/** Every account and organisation. */
export const accountsView: Projection<AccountRow, 'cluster' | 'name'> = {
  table: 'accounts',
  key: ['cluster', 'name'],
  concerns: (recorded) => recorded.type === 'WorkspaceClosed' || mayConcern(recorded, 'accounts'),
  changes({ cluster, position, event }) {
    switch (event.type) {
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'MetadataRevised':
      case 'StatusReported':
      case 'DeletionRequested':
        return isAccount(event) ? [{ type: 'put', row: { cluster, ...rowOf(event), position } }] : [];
      case 'ResourceRemoved':
        return isAccount(event) ? [{ type: 'drop', where: { cluster, name: event.key.name } }] : [];
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'ApiBound':
      case 'ApiUnbound':
        return [];
    }
  },
};

const isAccount = ({ key }: ObjectEvent): boolean => key.resource === 'accounts' && key.group === 'core.platform-mesh.io';

function rowOf({ key, uid, object }: ObjectEvent): Omit<AccountRow, 'cluster' | 'position'> {
  const { type = '', displayName = '', creator = '' } = (object.spec ?? {}) as Partial<Record<'type' | 'displayName' | 'creator', string>>;
  const { cluster = null, path = null } = (object.status ?? {}) as Partial<Record<'cluster' | 'path', string>>;
  const { word, reason } = healthOf(object, 'mesh');
  const place = { name: key.name, uid, type, displayName, creator, workspaceCluster: cluster, workspacePath: path };
  return { ...place, health: word, reason, ...timesOf(object) };
}

/** When an object began, and when its deletion did. */
export const timesOf = ({ metadata }: KubeObject): Pick<AccountRow, 'created' | 'deleting'> => ({
  created: timeOf(metadata.creationTimestamp),
  deleting: timeOf(metadata.deletionTimestamp),
});
