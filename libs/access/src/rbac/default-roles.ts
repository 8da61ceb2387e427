import { rbacGroup, type Binding, type ClusterRole, type PolicyRule } from './rbac-objects.ts';

/** Resources that a binding to a provider's export makes a workspace serve. */
export type BoundResources = { readonly group: string; readonly resources: readonly string[] };

/** Names that begin so are the mesh's own: nobody else may take them. */
export const reservedNamePrefix = 'tributary:';
const ownersBindingName = `${reservedNamePrefix}owners`;

const reading = ['get', 'list', 'watch'];
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const aggregateLabel = (role: string): string => `${rbacGroup}/aggregate-to-${role}`;
const bootstrapping = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };

/**
 * The ClusterRoles that every workspace has: what an owner holds, and what an owner may hand out. `edit` and `view` reach what is
 * bound without anybody writing a role for it. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
 */
export function defaultClusterRoles(bound: readonly BoundResources[]): readonly ClusterRole[] {
  const instances = bound.map(({ group, resources }) => ({ apiGroups: [group], resources: [...resources].sort() }));
  const toView: readonly PolicyRule[] = [
    { verbs: reading, apiGroups: [''], resources: ['configmaps', 'events', 'namespaces', 'serviceaccounts'] },
    { verbs: reading, apiGroups: ['events.k8s.io'], resources: ['events'] },
    { verbs: reading, apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    { verbs: reading, apiGroups: ['core.platform-mesh.io'], resources: ['accounts', 'accountinfos'] },
    { verbs: reading, apiGroups: ['apis.kcp.io'], resources: ['apibindings'] },
    { verbs: reading, apiGroups: ['marketplace.platform-mesh.io'], resources: ['marketplaceentries'] },
    ...instances.map((target) => ({ verbs: reading, ...target })),
  ];
  const toEdit: readonly PolicyRule[] = [
    { verbs: writing, apiGroups: [''], resources: ['configmaps', 'events', 'serviceaccounts'] },
    { verbs: [...reading, ...writing], apiGroups: [''], resources: ['secrets'] },
    { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] },
    { verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] },
    { verbs: writing, apiGroups: ['events.k8s.io'], resources: ['events'] },
    { verbs: writing, apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    ...instances.map((target) => ({ verbs: writing, ...target })),
  ];
  const toAdmin: readonly PolicyRule[] = [
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
    { verbs: [...reading, ...writing], apiGroups: [rbacGroup], resources: ['roles', 'rolebindings'] },
    { verbs: writing, apiGroups: ['apis.kcp.io'], resources: ['apibindings'] },
    { verbs: writing, apiGroups: ['core.platform-mesh.io'], resources: ['accounts'] },
  ];
  return [
    aggregating('admin', {}),
    clusterRole('cluster-admin', {}, [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]),
    aggregating('edit', { [aggregateLabel('admin')]: 'true' }),
    clusterRole('system:aggregate-to-admin', { [aggregateLabel('admin')]: 'true' }, toAdmin),
    clusterRole('system:aggregate-to-edit', { [aggregateLabel('edit')]: 'true' }, toEdit),
    clusterRole('system:aggregate-to-view', { [aggregateLabel('view')]: 'true' }, toView),
    aggregating('view', { [aggregateLabel('edit')]: 'true' }),
  ];
}

/** What makes the owners of an account owners of its workspace. Undefined where nobody owns it: only administrators may enter then. */
export function ownersBinding(owners: readonly string[]): Binding | undefined {
  if (owners.length === 0) return undefined;
  return {
    metadata: { name: ownersBindingName, labels: bootstrapping },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: owners.map((name) => ({ kind: 'User', apiGroup: rbacGroup, name })),
  };
}

function clusterRole(name: string, labels: Readonly<Record<string, string>>, rules: readonly PolicyRule[]): ClusterRole {
  return { metadata: { name, labels: { ...bootstrapping, ...labels } }, rules };
}

function aggregating(name: string, labels: Readonly<Record<string, string>>): ClusterRole {
  const clusterRoleSelectors = [{ matchLabels: { [aggregateLabel(name)]: 'true' } }];
  return { ...clusterRole(name, labels, []), aggregationRule: { clusterRoleSelectors } };
}
