import type { ResourceKey } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';

/** The finalizer of a binding whose deletion was asked for: it goes when the last instance is gone. */
export const bindingFinalizer = 'apis.kcp.io/apibinding-finalizer';

/** The last instance is gone: serving stops. Accepts nothing while instances are left. */
export type UnbindApi = { readonly key: ResourceKey; readonly by: EventAuthor };

export function unbindApi({ key, by }: UnbindApi, account: AccountState): Decision<AccountEvent, never> {
  const api = account.bindings.get(key.name);
  const record = account.find(key);
  if (!api || (record && !record.deleting)) return accept();
  const left = api.resources.some(({ group, resource }) => account.list(`${resource}.${group}`).length > 0);
  return left ? accept() : accept({ type: 'ApiUnbound', binding: api.binding, by });
}
