import type { KubeObject, ResourceKey } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor, WorkspaceOwner } from '../events.ts';
import { stamp } from './object-event.ts';

/** An account gets its workspace, with what stands in it from the start. */
export type OpenWorkspace = {
  readonly cluster: string;
  readonly path: string;
  readonly owner: WorkspaceOwner | null;
  readonly furniture: readonly Furniture[];
  readonly by: EventAuthor;
};

/** An object that is in a workspace before anybody made it; complete but for what its event's place decides. */
export type Furniture = { readonly key: ResourceKey; readonly object: KubeObject };

/** Accepts nothing where the workspace was opened before. */
export function openWorkspace(
  { cluster, path, owner, furniture, by }: OpenWorkspace,
  account: AccountState,
): Decision<AccountEvent, never> {
  if (account.phase !== 'absent') return accept();
  const opening = Object.assign(account.fork(), { cluster });
  return accept<AccountEvent>({ type: 'WorkspaceOpened', cluster, path, owner, by }, ...declared(furniture, by, opening, 1));
}

/** A workspace that is open gets what is still missing in it. */
export function furnish(furniture: readonly Furniture[], by: EventAuthor, account: AccountState): Decision<AccountEvent, never> {
  return accept(...declared(furniture, by, account, 0));
}

function declared(furniture: readonly Furniture[], by: EventAuthor, account: AccountState, ahead: number): readonly AccountEvent[] {
  const missing = furniture.filter(({ key }) => account.find(key) === undefined);
  return missing.map(({ key, object }, index): AccountEvent => {
    const stamped = stamp(object, account, ahead + index);
    return { type: 'ResourceDeclared', key, uid: stamped.metadata.uid ?? '', object: stamped, by };
  });
}
