import { equalJson, type Json } from '#kube';
import { builtinKind, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

export const clusterRolesName = 'clusterroles.rbac.authorization.k8s.io';

/**
 * What a ClusterRole gathers counts at once, whatever its `rules` say; here they are written into it, for who reads it, as
 * upstream's controller does.
 */
export async function aggregateRoles(house: House, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const gathering = account.state.list(clusterRolesName).filter(({ object, deleting }) => object['aggregationRule'] != null && !deleting);
  const workspace = gathering.length === 0 ? undefined : await house.open(cluster);
  if (!workspace) return;
  const { user, userAgent, fieldManager } = policyAuthor(house, cause);
  // It gives nobody a right that the roles did not give already.
  const author = { user, userAgent, fieldManager, cause, groups: ['system:masters'] };
  for (const { name, object } of gathering) {
    const rules = workspace.access().rulesOf({ kind: 'ClusterRole', name }, '') ?? [];
    if (equalJson((object['rules'] ?? []) as Json, rules as unknown as Json)) continue;
    await workspace.patch({
      kind: builtinKind(clusterRolesName),
      version: 'v1',
      namespace: '',
      name,
      author,
      dryRun: false,
      fieldValidation: 'Ignore',
      patch: { type: 'merge', patch: { rules }, duplicateFields: [] },
    });
  }
}
