import { noteStatus } from '#account';
import { definitionsName, definitionStatus, isEstablished } from '#kube';
import { builtinKind, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

/** Names have become free: the definitions that waited for them may be served now. */
export async function settleNames(house: House, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const by = policyAuthor(house, cause);
  const kind = builtinKind(definitionsName);
  for (const { key, uid, object, deleting } of account.state.list(definitionsName)) {
    if (deleting || (isEstablished(object) && hasItsNames(object))) continue;
    await account.submit((state) => {
      const status = (definition: typeof object) => definitionStatus(definition, house.namesTaken(state, definition), by.at);
      return noteStatus({ key, uid, kind, by, status }, state);
    });
  }
}

function hasItsNames({ status }: { readonly status?: unknown }): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  return conditions.some(({ type, status: word }) => type === 'NamesAccepted' && word === 'True');
}
