import { openWorkspace, ownedByMesh, type AccountEvent, type EventAuthor } from '#account';
import { accept } from '#stream';
import { builtinKind, rootCluster, type House } from '#workspace';
import { defaultNamespace } from './furnish-namespace.ts';
import { provision } from './provision.ts';
import { policyAuthor } from './reaction.ts';

/** The uids of the two accounts that every installation has. They never change, so neither do their clusters. */
const firstAccounts = [
  { name: 'orgs', uid: '00000000-0000-4000-8000-00000000a001', description: 'Holds the organisations' },
  { name: 'providers', uid: '00000000-0000-4000-8000-00000000a002', description: 'Holds the providers of services' },
] as const;

/** Opens `root`, `root:orgs` and `root:providers` where they are not yet. */
export async function openRoot(house: House): Promise<void> {
  const cause = 'first start';
  const by = policyAuthor(house, cause);
  const root = await house.accounts.account(rootCluster);
  await root.submit((state) =>
    openWorkspace({ cluster: rootCluster, path: 'root', owner: null, furniture: defaultNamespace(by), by }, state),
  );
  for (const account of firstAccounts) {
    const key = { group: 'core.platform-mesh.io', resource: 'accounts', namespace: '', name: account.name };
    const missing = root.state.find(key) === undefined;
    if (missing) await root.submit((state) => accept(declared(account, key, by, String(state.revision + 2n))));
    const record = root.state.find(key);
    if (missing && record) await provision(house, record, { cluster: rootCluster, cause });
  }
}

function declared(
  { name, uid, description }: (typeof firstAccounts)[number],
  key: Extract<AccountEvent, { key: unknown }>['key'],
  by: EventAuthor,
  resourceVersion: string,
): AccountEvent {
  const object = {
    apiVersion: 'core.platform-mesh.io/v1alpha1',
    kind: 'Account',
    metadata: {
      name,
      uid,
      resourceVersion,
      generation: 1,
      creationTimestamp: `${by.at.slice(0, 19)}Z`,
      annotations: { 'kcp.io/cluster': rootCluster },
    },
    spec: { type: 'account', displayName: name, description, creator: by.user },
  };
  return { type: 'ResourceDeclared', key, uid, object: ownedByMesh(object, builtinKind('accounts.core.platform-mesh.io'), by), by };
}
