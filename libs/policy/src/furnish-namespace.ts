import { randomUUID } from 'node:crypto';
import { ownedByMesh, type EventAuthor, type Furniture } from '#account';
import { newNamespace, serviceAccounts, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

const name = 'default';

/** What a workspace has from the start: a namespace with its identity. */
export function defaultNamespace(by: EventAuthor): readonly Furniture[] {
  const born = (): { readonly uid: string; readonly creationTimestamp: string } => ({
    uid: randomUUID(),
    creationTimestamp: `${by.at.slice(0, 19)}Z`,
  });
  const identity = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: name, ...born() } };
  return [
    newNamespace(name, born(), by),
    { key: { group: '', resource: 'serviceaccounts', namespace: name, name }, object: ownedByMesh(identity, serviceAccounts, by) },
  ];
}

/** Every namespace has a ServiceAccount `default`: it comes with the namespace, and comes back when it is deleted. */
export async function furnishNamespace(house: House, namespace: string, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const { state } = account;
  const key = { group: '', resource: 'namespaces', namespace: '', name: namespace };
  if (state.phase !== 'open' || state.find(key)?.deleting !== false) return;
  if (state.find({ group: '', resource: 'serviceaccounts', namespace, name })) return;
  const workspace = await house.open(cluster);
  const { user, userAgent, fieldManager } = policyAuthor(house, cause);
  // What is refused has its reason: someone else was faster, or the namespace is on its way out.
  await workspace?.create({
    kind: serviceAccounts,
    version: 'v1',
    namespace,
    author: { user, userAgent, fieldManager, cause, groups: [] },
    dryRun: false,
    fieldValidation: 'Ignore',
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    duplicateFields: [],
  });
}
