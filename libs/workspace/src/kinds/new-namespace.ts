import { ownedByMesh, type EventAuthor, type Furniture } from '#account';
import { namespaceFinalizer } from './core-rules.ts';
import { namespaces } from './tenancy-kinds.ts';

/** A namespace that the mesh puts into a workspace. */
export function newNamespace(
  name: string,
  born: { readonly uid: string; readonly creationTimestamp: string },
  by: Pick<EventAuthor, 'fieldManager' | 'at'>,
): Furniture {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...born, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: [namespaceFinalizer] },
    status: { phase: 'Active' },
  };
  return { key: { group: '', resource: 'namespaces', namespace: '', name }, object: ownedByMesh(object, namespaces, by) };
}
