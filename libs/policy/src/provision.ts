import { randomUUID } from 'node:crypto';
import {
  closeWorkspace,
  noteStatus,
  openWorkspace,
  ownedByMesh,
  statusOf,
  withConditions,
  type AccountEvent,
  type EventAuthor,
  type Furniture,
} from '#account';
import type { JsonObject, KubeObject } from '#kube';
import { builtinKind, clusterNameOf, urlOf, type AccountActor, type House } from '#workspace';
import { defaultNamespace } from './furnish-namespace.ts';
import { policyAuthor, type Where } from './reaction.ts';

type Declared = Extract<AccountEvent, { type: 'ResourceDeclared' }>;

/** An Account was ordered: its workspace is opened, and the Account told so. */
export async function provision(
  house: House,
  { key, uid, object }: Pick<Declared, 'key' | 'uid' | 'object'>,
  { cluster: parentCluster, cause }: Where,
): Promise<void> {
  const parent = await house.accounts.account(parentCluster);
  await parent.settled();
  const record = parent.state.find(key);
  if (record?.uid !== uid || record.deleting || parent.state.phase !== 'open') return;
  const by = policyAuthor(house, cause);
  const cluster = clusterNameOf(uid);
  const path = `${parent.state.path}:${key.name}`;
  if (!isTold(record.object)) {
    const info = await accountInfo(house, object, { cluster, path, parent });
    const owner = { cluster: parentCluster, name: key.name, uid };
    const furniture = [...defaultNamespace(by), info(by)];
    const child = await house.accounts.begin(cluster, (state) => openWorkspace({ cluster, path, owner, furniture, by }, state));
    // The Account may have gone meanwhile: nobody else knows of this workspace then.
    if (parent.state.find(key)?.uid !== uid) await child.submit((state) => closeWorkspace(by, state));
  }
  await parent.submit((state) =>
    noteStatus(
      {
        key,
        uid,
        kind: builtinKind('accounts.core.platform-mesh.io'),
        by,
        status: (account) => readyStatus(account, { cluster, path, url: urlOf(house.publicUrl, path) }, by.at),
      },
      state,
    ),
  );
}

/** Whether an Account says that its workspace was opened. */
const isTold = (account: KubeObject): boolean => statusOf(account)['cluster'] !== undefined;

function readyStatus(
  account: KubeObject,
  place: { readonly cluster: string; readonly path: string; readonly url: string },
  at: string,
): JsonObject {
  const conditions = withConditions(
    [],
    [
      { type: 'WorkspaceReady', status: 'True', reason: 'Opened', message: '' },
      { type: 'Ready', status: 'True', reason: 'Provisioned', message: '' },
    ],
    at,
  );
  return { ...statusOf(account), ...place, observedGeneration: account.metadata.generation ?? 1, conditions };
}

type Place = { readonly cluster: string; readonly path: string; readonly parent: AccountActor };

/** The workspace's own card: who this account is, whom it belongs to, and in which organisation. */
async function accountInfo(house: House, account: KubeObject, place: Place): Promise<(by: EventAuthor) => Furniture> {
  const { path, cluster, parent } = place;
  const { type } = account.spec as { readonly type: string };
  const own = location(house, { path, cluster, origin: parent.state.cluster, type });
  const organizationPath = /^root:orgs:[^:]+/.exec(path)?.[0];
  const organization =
    organizationPath === undefined ? undefined : organizationPath === path ? own : await locate(house, organizationPath, 'org');
  const parentAccount =
    parent.state.owner && type === 'account'
      ? await locate(house, parent.state.path, parent.state.path === organizationPath ? 'org' : 'account')
      : undefined;
  const spec = { account: own, ...(parentAccount ? { parentAccount } : {}), ...(organization ? { organization } : {}) };
  return (by) => {
    const object = {
      apiVersion: 'core.platform-mesh.io/v1alpha1',
      kind: 'AccountInfo',
      metadata: { name: 'account', uid: randomUUID(), creationTimestamp: seconds(by.at), generation: 1 },
      spec,
    };
    const key = { group: 'core.platform-mesh.io', resource: 'accountinfos', namespace: '', name: 'account' };
    return { key, object: ownedByMesh(object, builtinKind('accountinfos.core.platform-mesh.io'), by) };
  };
}

async function locate(house: House, path: string, type: string): Promise<JsonObject | undefined> {
  const account = await house.accounts.resolve(path);
  return account && location(house, { path, cluster: account.state.cluster, origin: account.state.owner?.cluster ?? '', type });
}

const location = (
  house: House,
  at: { readonly path: string; readonly cluster: string; readonly origin: string; readonly type: string },
): JsonObject => ({
  name: at.path.slice(at.path.lastIndexOf(':') + 1),
  path: at.path,
  url: urlOf(house.publicUrl, at.path),
  type: at.type,
  generatedClusterId: at.cluster,
  originClusterId: at.origin,
});

const seconds = (at: string): string => `${at.slice(0, 19)}Z`;
