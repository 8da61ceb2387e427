import { noteStatus } from '#account';
import { definitionsName, definitionStatus, type KubeObject } from '#kube';
import { builtinKind, definitionFacts, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

/** Names have become free: the definitions that waited for them may be served now. */
export async function settleNames(house: House, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const by = policyAuthor(house, cause);
  const kind = builtinKind(definitionsName);
  for (const record of account.state.list(definitionsName)) {
    if (record.deleting || !definitionFacts(record).waits) continue;
    const { key, uid } = record;
    await account.submit((state) => {
      const status = (definition: KubeObject) => definitionStatus(definition, house.namesTaken(state, definition), by.at);
      return noteStatus({ key, uid, kind, by, status }, state);
    });
  }
}
