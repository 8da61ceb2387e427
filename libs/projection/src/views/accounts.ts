import type { ObjectEvent } from '#account';
import { healthOf, type HealthWord } from '#kube';
import { kindView, timesOf } from './kind-view.ts';

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

/** Every account and organisation. */
export const accountsView = kindView<AccountRow>({ table: 'accounts', group: 'core.platform-mesh.io', resource: 'accounts', rowOf });

function rowOf({ key, uid, object }: ObjectEvent): Omit<AccountRow, 'cluster' | 'position'> {
  const { type = '', displayName = '', creator = '' } = (object.spec ?? {}) as Partial<Record<'type' | 'displayName' | 'creator', string>>;
  const { cluster = null, path = null } = (object.status ?? {}) as Partial<Record<'cluster' | 'path', string>>;
  const { word, reason } = healthOf(object, 'mesh');
  const place = { name: key.name, uid, type, displayName, creator, workspaceCluster: cluster, workspacePath: path };
  return { ...place, health: word, reason, ...timesOf(object) };
}
