import { ObjectRecord, type AccountState, type ObjectChange } from '#account';
import type { KubeObject, ServedKind } from '#kube';
import { givenUid } from '../given-uid.ts';
import { configMaps } from '../kinds/core-kinds.ts';
import { namespaces } from '../kinds/tenancy-kinds.ts';
import { asGivenBefore, systemNamespaces } from './system-namespaces.ts';
import type { VerbContext } from './verb-context.ts';

/** The objects of a kind that the mesh itself puts into the workspace, beside those that are stored: they are computed. */
export function givenOf(
  { account, access, ports }: Pick<VerbContext, 'account' | 'access' | 'ports'>,
  kind: ServedKind,
  stored?: readonly ObjectRecord[],
): readonly ObjectRecord[] {
  if (kind === namespaces) return systemNamespaces(account.state, stored);
  return kind === configMaps && ports.serviceAccounts ? rootCertificates(account.state, ports.serviceAccounts.ca) : access.given(kind);
}

export function givenAt(context: VerbContext, kind: ServedKind, namespace: string, name: string): ObjectRecord | undefined {
  // Of ConfigMaps only one name is given: others need no look at the namespaces.
  if (kind === configMaps && name !== rootCertificatesName) return undefined;
  return givenOf(context, kind).find((given) => given.name === name && given.namespace === namespace);
}

const rootCertificatesName = 'kube-root-ca.crt';

/** Whether it is back at once when somebody deletes it. */
export const comesBack = (given: ObjectRecord): boolean => given.name === rootCertificatesName;

type Known = { readonly ca: string; readonly records: readonly ObjectRecord[] };
const knownFor = new WeakMap<readonly ObjectRecord[], Known>();

/**
 * In every namespace a ConfigMap with what the server's certificate is checked with, as upstream has it. Ten thousand workspaces that nobody
 * asks for it hold none.
 */
function rootCertificates(state: AccountState, ca: string): readonly ObjectRecord[] {
  // The list is replaced when a namespace changes, so that its identity tells.
  const homes = state.list('namespaces');
  const known = knownFor.get(homes);
  if (known?.ca === ca) return known.records;
  // Somebody may have had one of that name before the mesh did.
  const isFree = ({ name, deleting }: ObjectRecord): boolean =>
    !deleting && state.find({ group: '', resource: 'configmaps', namespace: name, name: rootCertificatesName }) === undefined;
  const all = [...homes, ...systemNamespaces(state, homes)];
  const records = all.filter(isFree).map((namespace) => rootCertificatesIn(namespace, state.cluster, ca));
  knownFor.set(homes, { ca, records });
  return records;
}

/** Where a kind's given objects depend on stored ones: what a change of these is to them. Undefined: the kind has none such. */
export function givenChanges({ account, ports }: VerbContext, kind: ServedKind): GivenChanges | undefined {
  if (kind === namespaces) return { of: 'namespaces', translate: (change) => asGivenBefore(change, account.state) };
  const ca = ports.serviceAccounts?.ca;
  if (kind !== configMaps || ca === undefined) return undefined;
  const shownFor = (namespace: ObjectRecord): ObjectRecord => rootCertificatesIn(namespace, account.state.cluster, ca);
  return {
    of: 'namespaces',
    translate(change) {
      const { position, before, after, removed } = asGivenBefore(change, account.state);
      const stays = !removed && !after.deleting;
      const was = before && !before.deleting ? before : undefined;
      if (!was && !stays) return undefined;
      const key = { group: '', resource: 'configmaps', namespace: after.name, name: rootCertificatesName };
      if (account.state.find(key)) return undefined;
      return { position, before: was && shownFor(was), after: shownFor(after), removed: !stays };
    },
  };
}

export type GivenChanges = {
  /** The resource, of the core group, whose changes matter. */
  readonly of: string;
  readonly translate: (change: ObjectChange) => ObjectChange | undefined;
};

/** As old as its namespace, and of its version. */
function rootCertificatesIn({ name: namespace, position, object: home }: ObjectRecord, cluster: string, ca: string): ObjectRecord {
  const uid = givenUid(`${cluster}/configmaps/${namespace}/${home.metadata.uid}`);
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: rootCertificatesName,
      namespace,
      uid,
      resourceVersion: String(position),
      creationTimestamp: home.metadata.creationTimestamp ?? null,
      annotations: {
        'kcp.io/cluster': cluster,
        'kubernetes.io/description': 'What the certificate of this server is checked with. The mesh keeps it.',
      },
    },
    data: { 'ca.crt': ca },
  } as unknown as KubeObject;
  const key = { group: '', resource: 'configmaps', namespace, name: rootCertificatesName };
  return ObjectRecord.of(object, { key, uid, position, provider: undefined, sequence: undefined });
}
