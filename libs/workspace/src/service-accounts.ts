import type { ServiceAccountClaim } from '#access';
import type { AccountState } from '#account';

/** Whether a token is one of this workspace's ServiceAccounts that are there now, and what it is bound to is too. */
export function vouchesFor(state: AccountState, { cluster, namespace, name, uid, bound }: ServiceAccountClaim): boolean {
  if (cluster !== state.cluster) return false;
  const account = state.find({ group: '', resource: 'serviceaccounts', namespace, name });
  if (account?.uid !== uid || account.deleting) return false;
  return bound === undefined || state.find({ group: '', resource: 'secrets', namespace, name: bound.name })?.uid === bound.uid;
}
