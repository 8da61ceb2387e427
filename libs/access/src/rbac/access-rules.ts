import type { AccessAttributes } from '../access-attributes.ts';
import type { Identity } from '../identity.ts';
import { aggregatedRules } from './aggregation.ts';
import { roleKey, type Binding, type PolicyRule, type RbacObjects, type RoleRef, type Subject } from './rbac-objects.ts';
import { ruleAllows } from './rule-allows.ts';

/** What one workspace's roles and bindings grant. Immutable: another state of them is another value. */
export interface AccessRules {
  /** Why it is granted, in upstream's words; undefined where no rule grants it. */
  grants(identity: Identity, asked: AccessAttributes): string | undefined;
  /** Whether any rule here is about this identity: then it may know that the workspace exists. */
  admits(identity: Identity): boolean;
  /** The rules that hold for an identity in a namespace; '' for those that hold everywhere. */
  rulesFor(identity: Identity, namespace: string): readonly PolicyRule[];
  /** The rules of the role that a binding in this namespace refers to; undefined where there is none. */
  rulesOf(role: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export function accessRules(objects: RbacObjects): AccessRules {
  const clusterRoles = aggregatedRules(objects.clusterRoles);
  const roles = new Map(objects.roles.map(({ metadata, rules }) => [roleKey(metadata.namespace ?? '', metadata.name ?? ''), rules ?? []]));
  const held = new WeakMap<Identity, Held>();
  const bindings = [...objects.clusterRoleBindings, ...objects.roleBindings];

  const rulesOf = (role: RoleRef, namespace: string) =>
    role.kind === 'ClusterRole' ? clusterRoles.get(role.name) : namespace === '' ? undefined : roles.get(roleKey(namespace, role.name));

  /** Identities live as long as their tokens, so that their grants are gathered once per state of the rules. */
  const heldBy = (identity: Identity): Held => {
    let grants = held.get(identity);
    if (!grants) held.set(identity, (grants = gather(identity)));
    return grants;
  };

  function gather(identity: Identity): Held {
    const grants = new Map<string, Grant[]>();
    for (const binding of bindings) {
      const namespace = binding.metadata.namespace ?? '';
      const subject = binding.subjects?.find((candidate) => isAbout(candidate, identity, namespace));
      const rules = subject && rulesOf(binding.roleRef, namespace);
      if (!rules) continue;
      const known = grants.get(namespace);
      const grant = { rules, binding, subject };
      if (known) known.push(grant);
      else grants.set(namespace, [grant]);
    }
    return grants;
  }

  return {
    grants(identity, asked) {
      const grants = heldBy(identity);
      if (grants.size === 0) return undefined;
      const namespace = 'namespace' in asked ? asked.namespace : '';
      const grant = granting(grants.get(''), asked) ?? (namespace === '' ? undefined : granting(grants.get(namespace), asked));
      return grant && `RBAC: allowed by ${described(grant)}`;
    },
    admits: (identity) => heldBy(identity).size > 0,
    rulesFor(identity, namespace) {
      const grants = heldBy(identity);
      const here = namespace === '' ? [] : (grants.get(namespace) ?? []);
      return [...(grants.get('') ?? []), ...here].flatMap(({ rules }) => rules);
    },
    rulesOf,
  };
}

/** By the namespace of the binding; '' for the whole workspace. */
type Held = ReadonlyMap<string, readonly Grant[]>;
type Grant = { readonly rules: readonly PolicyRule[]; readonly binding: Binding; readonly subject: Subject };

function granting(grants: readonly Grant[] | undefined, asked: AccessAttributes): Grant | undefined {
  return grants?.find(({ rules }) => rules.some((rule) => ruleAllows(rule, asked)));
}

function isAbout({ kind, name, namespace }: Subject, { user, groups }: Identity, bindingNamespace: string): boolean {
  switch (kind) {
    case 'User':
      return user === name;
    case 'Group':
      return groups.includes(name);
    case 'ServiceAccount': {
      const home = namespace || bindingNamespace;
      return home !== '' && user === `system:serviceaccount:${home}:${name}`;
    }
    default:
      return false;
  }
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/rbac/validation/rule.go */
function described({ binding: { metadata, roleRef }, subject }: Grant): string {
  const { name = '', namespace } = metadata;
  const what = namespace === undefined ? `ClusterRoleBinding ${quoted(name)}` : `RoleBinding ${quoted(`${name}/${namespace}`)}`;
  const whom = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name;
  return `${what} of ${roleRef.kind} ${quoted(roleRef.name)} to ${subject.kind} ${quoted(whom)}`;
}

const quoted = (text: string): string => JSON.stringify(text);
