import type { JsonObject, KubeObject, PrinterColumn, ServedKind } from '#kube';
import { declareKind, list, object, string, type KindDeclaration } from '#provider';

const createdAt: PrinterColumn = { name: 'Created At', type: 'string', jsonPath: '.metadata.creationTimestamp' };
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const subjectsOf =
  (kind: string) =>
  ({ subjects }: KubeObject): string =>
    ((subjects ?? []) as unknown as readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[])
      .filter((subject) => subject.kind === kind)
      .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
      .join(', ');
const bindingColumns: readonly PrinterColumn[] = [
  {
    name: 'Role',
    type: 'string',
    jsonPath: '.roleRef',
    read: ({ roleRef }) => {
      const { kind, name } = roleRef as { readonly kind: string; readonly name: string };
      return `${kind}/${name}`;
    },
  },
  age,
  { name: 'Users', type: 'string', jsonPath: '.subjects', read: subjectsOf('User'), priority: 1 },
  { name: 'Groups', type: 'string', jsonPath: '.subjects', read: subjectsOf('Group'), priority: 1 },
  { name: 'ServiceAccounts', type: 'string', jsonPath: '.subjects', read: subjectsOf('ServiceAccount'), priority: 1 },
];

const nullableList = (items: JsonObject, description: string): JsonObject => list(items, { nullable: true, description });
const words = (description: string): JsonObject => list({ type: 'string' }, { description });
const rules = nullableList(
  object(
    {
      verbs: words('Verbs, or * for all'),
      apiGroups: words('API groups, "" for the core group, or * for all'),
      resources: words('Plurals, also with a subresource as in pods/status, or * for all'),
      resourceNames: words('Names of the only objects that the rule is about'),
      nonResourceURLs: words('Paths that name no resource, perhaps with a * at their end'),
    },
    ['verbs'],
  ),
  'What is granted',
);
const aggregationRule: JsonObject = object(
  {
    clusterRoleSelectors: nullableList(
      object({
        matchLabels: { type: 'object', nullable: true, additionalProperties: { type: 'string' } },
        matchExpressions: nullableList(
          object({ key: string('Label'), operator: string('In, NotIn, Exists or DoesNotExist'), values: words('Values') }, [
            'key',
            'operator',
          ]),
          'Requirements on labels',
        ),
      }),
      'Which ClusterRoles the rules are taken from',
    ),
  },
  [],
  { nullable: true, description: 'Takes the rules from other ClusterRoles' },
);
const subjects = nullableList(
  object(
    {
      kind: string('User, Group or ServiceAccount'),
      apiGroup: string('API group of the subject'),
      name: string('Name'),
      namespace: string('Namespace of a ServiceAccount'),
    },
    ['kind', 'name'],
  ),
  'To whom it is granted',
);
const roleRef = object(
  {
    apiGroup: string('rbac.authorization.k8s.io', { default: 'rbac.authorization.k8s.io' }),
    kind: string('Role or ClusterRole'),
    name: string('Name of the role'),
  },
  ['kind', 'name'],
  { description: 'Which role is granted; never changes' },
);

/** Fields stand at the top, without a spec. https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
function rbacKind(
  { resource, kind, namespaced = false }: Pick<KindDeclaration, 'resource' | 'kind' | 'namespaced'>,
  columns: readonly PrinterColumn[],
  content: { readonly description: string; readonly fields: JsonObject; readonly required?: readonly string[] },
): ServedKind {
  const envelope = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  const schema = object({ ...envelope, ...content.fields }, content.required ?? [], { description: content.description });
  return declareKind({
    compiledIn: true,
    group: 'rbac.authorization.k8s.io',
    resource,
    kind,
    namespaced,
    nameRule: 'pathSegment',
    statusSubresource: false,
    hasGeneration: false,
    unconditionalUpdate: true,
    createdByUpdate: true,
    versions: [{ name: 'v1', columns, schema }],
  });
}

export const roles = rbacKind({ resource: 'roles', kind: 'Role', namespaced: true }, [createdAt], {
  description: 'Rules that can be granted in one namespace',
  fields: { rules },
});
export const clusterRoles = rbacKind({ resource: 'clusterroles', kind: 'ClusterRole' }, [createdAt], {
  description: 'Rules that can be granted in the whole workspace, or in any namespace of it',
  fields: { rules, aggregationRule },
});
export const roleBindings = rbacKind({ resource: 'rolebindings', kind: 'RoleBinding', namespaced: true }, bindingColumns, {
  description: 'Grants a role in one namespace',
  fields: { subjects, roleRef },
  required: ['roleRef'],
});
export const clusterRoleBindings = rbacKind({ resource: 'clusterrolebindings', kind: 'ClusterRoleBinding' }, bindingColumns, {
  description: 'Grants a ClusterRole in the whole workspace',
  fields: { subjects, roleRef },
  required: ['roleRef'],
});
