import type { AccessAttributes } from '../access-attributes.ts';
import type { PolicyRule } from './rbac-objects.ts';

/** Whether one rule grants what is asked. https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/v1/evaluation_helpers.go */
export function ruleAllows(rule: PolicyRule, asked: AccessAttributes): boolean {
  if (!holds(rule.verbs, asked.verb)) return false;
  if ('nonResourcePath' in asked) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, asked.nonResourcePath));
  return holds(rule.apiGroups, asked.group) && resourceMatches(rule.resources, asked) && nameMatches(rule.resourceNames, asked.name);
}

function holds(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes('*') || values.includes(value));
}

/** A pattern is `*`, a whole path, or the beginning of one before a star. */
export function urlMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}

function resourceMatches(
  resources: readonly string[] | undefined,
  { resource, subresource }: Extract<AccessAttributes, { resource: string }>,
): boolean {
  if (resources === undefined) return false;
  if (subresource === undefined) return resources.includes('*') || resources.includes(resource);
  return resources.includes('*') || resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

/** A rule without names is about all objects, and about those that have no name yet. */
function nameMatches(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}
