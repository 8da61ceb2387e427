import { nameProblems } from '../metadata/names.ts';
import { duplicateValue, forbidden, invalidValue, notSupported, requiredValue } from '../schema/field-error.ts';
import { labelKeyFault, labelValueFault } from '../selectors/label-syntax.ts';
import type { StatusCause } from '../status-failure.ts';
import type { LabelSelector, MatchResources, ResourceRule } from './policy-spec.ts';

/** Source: upstream pkg/apis/admissionregistration/validation, validateMatchResources. */
export function matchResourcesCauses(match: MatchResources, at: string): readonly StatusCause[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = match;
  return [
    ...(['Equivalent', 'Exact'].includes(matchPolicy) ? [] : [notSupported(`${at}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact'])]),
    ...selectorCauses(namespaceSelector, `${at}.namespaceSelector`),
    ...selectorCauses(objectSelector, `${at}.objectSelector`),
    ...resourceRules.flatMap((rule, index) => ruleCauses(rule, `${at}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => ruleCauses(rule, `${at}.excludeResourceRules[${index}]`)),
  ];
}

/** Source: apimachinery pkg/apis/meta/v1/validation. */
export function selectorCauses(selector: LabelSelector | undefined, at: string): readonly StatusCause[] {
  if (!selector) return [];
  const labels = Object.entries(selector.matchLabels).flatMap(([key, value]) => {
    const [keyFault, valueFault] = [labelKeyFault(key), labelValueFault(value)];
    return [
      ...(keyFault === undefined ? [] : [invalidValue(`${at}.matchLabels`, key, keyFault)]),
      ...(valueFault === undefined ? [] : [invalidValue(`${at}.matchLabels`, value, valueFault)]),
    ];
  });
  const expressions = selector.matchExpressions.flatMap(({ key, operator, values }, index) => {
    const field = `${at}.matchExpressions[${index}]`;
    const keyFault = labelKeyFault(key);
    return [
      ...operatorCauses(operator, values, field),
      ...(keyFault === undefined ? [] : [invalidValue(`${field}.key`, key, keyFault)]),
      ...values.flatMap((value, place) => {
        const fault = labelValueFault(value);
        return fault === undefined ? [] : [invalidValue(`${field}.values[${place}]`, value, fault)];
      }),
    ];
  });
  return [...labels, ...expressions];
}

function operatorCauses(operator: string, values: readonly string[], field: string): readonly StatusCause[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [requiredValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

/** Lists are quoted as JSON. */
export const invalidTexts = (field: string, values: readonly string[], detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(values)}: ${detail}`,
  field,
});

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

function ruleCauses(rule: ResourceRule, at: string): readonly StatusCause[] {
  const { apiGroups, apiVersions, resources, scope } = rule;
  return [
    ...resourceNameCauses(rule.resourceNames, `${at}.resourceNames`),
    ...(rule.operations.length === 0 ? [requiredValue(`${at}.operations`)] : []),
    ...aloneCauses(rule.operations, `${at}.operations`, 'operations'),
    ...rule.operations.flatMap((operation, index) =>
      operations.includes(operation) ? [] : [notSupported(`${at}.operations[${index}]`, operation, operations)],
    ),
    ...(apiGroups.length === 0 ? [requiredValue(`${at}.apiGroups`)] : []),
    ...aloneCauses(apiGroups, `${at}.apiGroups`, 'API groups'),
    ...(apiVersions.length === 0 ? [requiredValue(`${at}.apiVersions`)] : []),
    ...aloneCauses(apiVersions, `${at}.apiVersions`, 'API versions'),
    ...apiVersions.flatMap((version, index) => (version === '' ? [requiredValue(`${at}.apiVersions[${index}]`)] : [])),
    ...resourcesCauses(resources, `${at}.resources`),
    ...(scopes.includes(scope) ? [] : [notSupported(`${at}.scope`, scope, scopes)]),
  ];
}

function resourceNameCauses(names: readonly string[], at: string): readonly StatusCause[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const repeated = seen.has(name);
    seen.add(name);
    return [
      ...nameProblems(name, 'pathSegment').map((problem) => invalidValue(`${at}[${index}]`, name, problem)),
      ...(repeated ? [duplicateValue(`${at}[${index}]`, name)] : []),
    ];
  });
}

function aloneCauses(items: readonly string[], at: string, what: string): readonly StatusCause[] {
  return items.length > 1 && items.includes('*') ? [invalidTexts(at, items, `if '*' is present, must not specify other ${what}`)] : [];
}

function resourcesCauses(resources: readonly string[], at: string): readonly StatusCause[] {
  const causes: StatusCause[] = resources.length === 0 ? [requiredValue(at)] : [];
  const [allBelow, everywhere] = [new Set<string>(), new Set<string>()];
  let hasPlain = false;
  for (const [index, resource] of resources.entries()) {
    const field = `${at}[${index}]`;
    const slash = resource.indexOf('/');
    if (resource === '') causes.push(requiredValue(field));
    else if (slash < 0) hasPlain = resource !== '*';
    else {
      const [of, sub] = [resource.slice(0, slash), resource.slice(slash + 1)];
      if (allBelow.has(of)) causes.push(invalidValue(field, resource, `if '${of}/*' is present, must not specify ${resource}`));
      if (everywhere.has(sub)) causes.push(invalidValue(field, resource, `if '*/${sub}' is present, must not specify ${resource}`));
      if (sub === '*') allBelow.add(of);
      if (of === '*') everywhere.add(sub);
    }
  }
  if (resources.length > 1 && resources.includes('*/*'))
    causes.push(invalidTexts(at, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && hasPlain)
    causes.push(invalidTexts(at, resources, "if '*' is present, must not specify other resources without subresources"));
  return causes;
}
