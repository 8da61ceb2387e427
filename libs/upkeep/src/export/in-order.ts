import { groupResource, type ServedKind } from '#kube';

/** What others need to be there before them, then what they need not, then what would stand in their way. */
const first = [
  'apiresourceschemas.apis.kcp.io',
  'apiexports.apis.kcp.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apibindings.apis.kcp.io',
  'namespaces',
  'serviceaccounts',
  'clusterroles.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
] as const;
const last = [
  'resourcequotas',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'accounts.core.platform-mesh.io',
] as const;

/** Kinds in an order in which their objects can be created. */
export function inOrder(kinds: readonly ServedKind[]): readonly ServedKind[] {
  const rank = (kind: ServedKind): number => {
    const name = groupResource(kind);
    const early = (first as readonly string[]).indexOf(name);
    if (early >= 0) return early - first.length;
    return (last as readonly string[]).indexOf(name) + 1;
  };
  return kinds.toSorted((a, b) => rank(a) - rank(b));
}
