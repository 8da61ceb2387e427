import { labelsMatch, type Labels } from '../selectors/label-selector.ts';
import { requirementsOf } from '../selectors/selector-object.ts';
import type { LabelSelector, MatchResources, ResourceRule } from './policy-spec.ts';
import type { RequestedResource, Write } from './write.ts';

export type Match =
  | { readonly type: 'no' }
  /** As which version of the resource the write matched. */
  | { readonly type: 'yes'; readonly as: RequestedResource }
  | { readonly type: 'fault'; readonly message: string };

const no: Match = { type: 'no' };

/** Source: k8s.io/apiserver pkg/admission/plugin/policy/matching. */
export function matchResources(criteria: MatchResources, write: Write): Match {
  const byNamespace = namespaceMatches(criteria.namespaceSelector, write);
  if (byNamespace === false) return no;
  const byLabels = objectMatches(criteria.objectSelector, write);
  if (byLabels === false) return no;
  if (ruleMatch(criteria.excludeResourceRules, criteria.matchPolicy, write)) return no;
  const { resourceRules, matchPolicy } = criteria;
  const as = resourceRules.length === 0 ? write.requested : ruleMatch(resourceRules, matchPolicy, write);
  if (!as) return no;
  // What is wrong with a selector matters only to what the rules are about.
  if (typeof byNamespace === 'string') return { type: 'fault', message: byNamespace };
  if (typeof byLabels === 'string') return { type: 'fault', message: byLabels };
  return { type: 'yes', as };
}

function ruleMatch(rules: readonly ResourceRule[], matchPolicy: string, write: Write): RequestedResource | undefined {
  if (rules.some((rule) => ruleHolds(rule, write.requested, write))) return write.requested;
  if (matchPolicy === 'Exact') return undefined;
  for (const rule of rules) {
    const as = write.equivalents().find((other) => ruleHolds(rule, other, write));
    if (as) return as;
  }
  return undefined;
}

function ruleHolds(rule: ResourceRule, requested: RequestedResource, write: Write): boolean {
  const { group, version, resource } = requested;
  return (
    scopeHolds(rule.scope, write) &&
    hasOrAll(rule.operations, write.operation) &&
    hasOrAll(rule.apiGroups, group) &&
    hasOrAll(rule.apiVersions, version) &&
    rule.resources.some((named) => isMeant(named, resource, write.subresource)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(write.name))
  );
}

const hasOrAll = (items: readonly string[], item: string): boolean => items.includes('*') || items.includes(item);

function isMeant(named: string, resource: string, subresource: string): boolean {
  const slash = named.indexOf('/');
  const [wanted, below] = slash < 0 ? [named, ''] : [named.slice(0, slash), named.slice(slash + 1)];
  return (wanted === '*' || wanted === resource) && (below === '*' || below === subresource);
}

function scopeHolds(scope: string, write: Write): boolean {
  if (scope === '' || scope === '*') return true;
  const isNamespaced = !isNamespaceKind(write) && write.namespace !== '';
  return scope === 'Namespaced' ? isNamespaced : scope === 'Cluster' && !isNamespaced;
}

const isNamespaceKind = ({ requested: { group, resource } }: Write): boolean => group === '' && resource === 'namespaces';

/** True, false, or what is wrong. Of what belongs to no namespace, all selectors hold. */
function namespaceMatches(selector: LabelSelector | undefined, write: Write): boolean | string {
  if (write.namespace === '' && write.requested.resource !== 'namespaces') return true;
  return labelsHold(selector, () => {
    const isWritten = write.requested.resource === 'namespaces' && write.subresource === '' && write.operation !== 'DELETE';
    const namespace = isWritten ? write.object : write.namespaceObject(write.namespace);
    return namespace ? [labelsOf(namespace)] : `namespaces ${JSON.stringify(write.namespace)} not found`;
  });
}

function objectMatches(selector: LabelSelector | undefined, { object, oldObject }: Write): boolean | string {
  return labelsHold(selector, () => [object, oldObject].flatMap((one) => (one ? [labelsOf(one)] : [])));
}

function labelsHold(selector: LabelSelector | undefined, candidates: () => readonly Labels[] | string): boolean | string {
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return false;
  if (typeof requirements === 'string') return requirements;
  if (requirements.length === 0) return true;
  const labels = candidates();
  return typeof labels === 'string' ? labels : labels.some((each) => labelsMatch(requirements, each));
}

const labelsOf = ({ metadata }: { readonly metadata: { readonly labels?: Labels } }): Labels => metadata.labels ?? {};
