import type { ResourceKey } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { changed } from './object-event.ts';

/** Objects that are not kept for long have had their time, or their namespace goes. Nobody is waited for. */
export type ForgetResources = { readonly keys: readonly ResourceKey[]; readonly by: EventAuthor };

/** Accepts nothing for what is gone already. */
export function forgetResources({ keys, by }: ForgetResources, account: AccountState): Decision<AccountEvent, never> {
  const known = keys.map((key) => account.find(key)).filter((record) => record !== undefined);
  return accept(...known.map((record, ahead) => changed('ResourceRemoved', record, record.object, { account, by, ahead })));
}
