import type { PolicyRule } from './rbac-objects.ts';
import { urlMatches } from './rule-allows.ts';

/**
 * Which of the wanted rights are not among the held ones. Each single right must be covered by one rule: what two rules grant
 * together counts for each of them alone. https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/validation/policy_comparator.go
 */
export function missingRights(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(singleRights).filter((right) => !held.some((rule) => covers(rule, right)));
}

function singleRights(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const rights: PolicyRule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const right = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) rights.push(right);
        for (const name of resourceNames) rights.push({ ...right, resourceNames: [name] });
      }
  for (const url of nonResourceURLs) for (const verb of verbs) rights.push({ verbs: [verb], nonResourceURLs: [url] });
  return rights;
}

function covers(rule: PolicyRule, right: PolicyRule): boolean {
  const { resourceNames: names = [] } = rule;
  const { resourceNames: wantedNames = [] } = right;
  return (
    hasAll(rule.verbs, right.verbs) &&
    hasAll(rule.apiGroups, right.apiGroups) &&
    (right.resources ?? []).every((resource) => coversResource(rule.resources ?? [], resource)) &&
    (right.nonResourceURLs ?? []).every((url) => (rule.nonResourceURLs ?? []).some((pattern) => urlMatches(pattern, url))) &&
    (names.length === 0 || (wantedNames.length > 0 && wantedNames.every((name) => names.includes(name))))
  );
}

function hasAll(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes('*') || wanted.every((value) => held.includes(value));
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash !== -1 && held.includes(`*${resource.slice(slash)}`);
}
