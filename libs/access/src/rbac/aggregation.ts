import type { ClusterRole, LabelSelector, PolicyRule } from './rbac-objects.ts';

/**
 * The rules of every ClusterRole by name. One with an aggregationRule has the rules of the roles that it selects, and none of its
 * own; what aggregates may be aggregated in turn. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export function aggregatedRules(clusterRoles: readonly ClusterRole[]): ReadonlyMap<string, readonly PolicyRule[]> {
  const rules = new Map<string, readonly PolicyRule[]>();
  for (const role of clusterRoles) if (role.aggregationRule == null) rules.set(nameOf(role), role.rules ?? []);
  for (const role of clusterRoles) if (role.aggregationRule != null) rules.set(nameOf(role), gathered(role, clusterRoles, new Set()));
  return rules;
}

function gathered(role: ClusterRole, all: readonly ClusterRole[], seen: Set<ClusterRole>): readonly PolicyRule[] {
  if (seen.has(role)) return [];
  seen.add(role);
  if (role.aggregationRule == null) return role.rules ?? [];
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  const chosen = all.filter(({ metadata }) => selectors.some((selector) => selects(selector, metadata.labels ?? {})));
  return chosen.flatMap((other) => gathered(other, all, seen));
}

/** An empty selector selects everything, as upstream's does. */
function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values }) => fits(operator, labels[key], values ?? []))
  );
}

function fits(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

const nameOf = ({ metadata }: ClusterRole): string => metadata.name ?? '';
