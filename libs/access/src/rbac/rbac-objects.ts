/** The objects of rbac.authorization.k8s.io/v1, as far as a decision reads them. https://pkg.go.dev/k8s.io/api/rbac/v1 */
export type PolicyRule = {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
};

export type Subject = {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
};

export type RoleRef = { readonly apiGroup?: string; readonly kind: string; readonly name: string };

type Metadata = {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | null }[] | null;
};

export type Role = { readonly metadata: Metadata; readonly rules?: readonly PolicyRule[] | null };
export type ClusterRole = Role & {
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] | null } | null;
};
export type Binding = { readonly metadata: Metadata; readonly roleRef: RoleRef; readonly subjects?: readonly Subject[] | null };

/** All that says who may do what in one workspace. */
export type RbacObjects = {
  readonly roles: readonly Role[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly roleBindings: readonly Binding[];
  readonly clusterRoleBindings: readonly Binding[];
};

export const rbacGroup = 'rbac.authorization.k8s.io';
export const roleKey = (namespace: string, name: string): string => `${namespace}/${name}`;
