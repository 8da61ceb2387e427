import { equalJson } from '#kube';
import { mastersGroup, type Identity } from '../identity.ts';
import type { AccessRules } from './access-rules.ts';
import { missingRights } from './covers.ts';
import { rbacGroup, type Binding, type ClusterRole, type PolicyRule } from './rbac-objects.ts';

/** Why somebody may not write a role or a binding: they would hand out more than they hold. */
export type Escalation =
  /** `message` follows upstream's `… is forbidden: `. */
  | { readonly type: 'forbidden'; readonly message: string }
  /** The role that a binding refers to does not exist, and whoever binds it has no right to bind it unseen. */
  | { readonly type: 'roleUnknown'; readonly resource: 'roles' | 'clusterroles'; readonly name: string };

type Writing = { readonly identity: Identity; readonly rules: AccessRules };

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update */
export function roleEscalation(
  { identity, rules }: Writing,
  resource: 'roles' | 'clusterroles',
  role: ClusterRole,
  old: ClusterRole | undefined,
): Escalation | undefined {
  const { name = '', namespace = '' } = role.metadata;
  if (isFree(identity)) return undefined;
  if (rules.grants(identity, { verb: 'escalate', group: rbacGroup, resource, namespace, name }) !== undefined) return undefined;
  const aggregates = role.aggregationRule ?? undefined;
  if (aggregates !== undefined && !(old && equalJson(old.aggregationRule, aggregates))) {
    if (missingRights(rules.rulesFor(identity, namespace), everything).length > 0)
      return { type: 'forbidden', message: 'must have cluster-admin privileges to use the aggregationRule' };
  }
  if (old && equalJson(old.rules ?? [], role.rules ?? [])) return undefined;
  return beyond({ identity, rules }, namespace, role.rules ?? []);
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update */
export function bindingEscalation({ identity, rules }: Writing, binding: Binding, old: Binding | undefined): Escalation | undefined {
  const { roleRef, subjects, metadata } = binding;
  const namespace = metadata.namespace ?? '';
  if (isFree(identity)) return undefined;
  if (old && equalJson(old.roleRef, roleRef) && equalJson(old.subjects ?? [], subjects ?? [])) return undefined;
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (rules.grants(identity, { verb: 'bind', group: rbacGroup, resource, namespace, name: roleRef.name }) !== undefined) return undefined;
  const granted = rules.rulesOf(roleRef, namespace);
  return granted ? beyond({ identity, rules }, namespace, granted) : { type: 'roleUnknown', resource, name: roleRef.name };
}

const isFree = ({ groups }: Identity): boolean => groups.includes(mastersGroup);

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function beyond({ identity, rules }: Writing, namespace: string, wanted: readonly PolicyRule[]): Escalation | undefined {
  const missing = missingRights(rules.rulesFor(identity, namespace), wanted);
  if (missing.length === 0) return undefined;
  const { user, groups } = identity;
  const texts = [...new Set(compacted(missing).map(compactText))].sort();
  const message = `user ${JSON.stringify(user)} (groups=${goList(groups)}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}`;
  return { type: 'forbidden', message };
}

/** Rights that differ in their verb only become one. */
function compacted(rights: readonly PolicyRule[]): readonly PolicyRule[] {
  const byTarget = new Map<string, PolicyRule>();
  for (const right of rights) {
    const { verbs, ...target } = right;
    const key = right.nonResourceURLs ? JSON.stringify(right) : JSON.stringify(target);
    const known = byTarget.get(key);
    byTarget.set(key, known ? { ...known, verbs: [...new Set([...known.verbs, ...verbs])] } : right);
  }
  return [...byTarget.values()];
}

function compactText({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const shown = parts.filter(([, values]) => values.length > 0).map(([name, values]) => `${name}:${goList(values)}`);
  return `{${shown.join(', ')}}`;
}

const goList = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
