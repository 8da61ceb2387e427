import { equalJson, groupResource, type JsonObject } from '#kube';
import { builtinKind, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

/**
 * Writes into each ClusterRole with an aggregationRule the rules that it gathers, for all who read it. What it grants does not wait
 * for that. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export async function aggregateRoles(house: House, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const kind = builtinKind('clusterroles.rbac.authorization.k8s.io');
  const aggregating = account.state
    .list(groupResource(kind))
    .filter(({ object, deleting }) => !deleting && (object as JsonObject)['aggregationRule'] != null);
  if (account.state.phase !== 'open' || aggregating.length === 0) return;
  const workspace = await house.open(cluster);
  const { user, userAgent } = policyAuthor(house, cause);
  const author = { user, userAgent, fieldManager: 'clusterrole-aggregation-controller', cause, groups: ['system:masters'] };
  for (const { name, object } of aggregating) {
    const gathered = workspace?.access().rulesOf({ kind: 'ClusterRole', name }, '') ?? [];
    const rules = gathered.filter((rule, index) => gathered.findIndex((other) => equalJson(other, rule)) === index);
    if (equalJson((object as JsonObject)['rules'] ?? [], rules)) continue;
    // What is refused has its reason: the role is on its way out.
    await workspace?.patch({
      kind,
      version: kind.storageVersion,
      namespace: '',
      name,
      author,
      dryRun: false,
      fieldValidation: 'Ignore',
      patch: { type: 'merge', patch: { rules }, duplicateFields: [] },
    });
  }
}
