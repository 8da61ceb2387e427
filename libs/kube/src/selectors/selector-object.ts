import type { LabelRequirement } from './label-selector.ts';
import { labelKeyFault, labelValueFault } from './label-syntax.ts';

export type SelectorObject = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[];
};

const operators: ReadonlyMap<string, LabelRequirement['operator']> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/**
 * A LabelSelector as objects hold it, as requirements; a text says why it is none, in upstream's words. None at all selects nothing:
 * undefined. Source: apimachinery pkg/apis/meta/v1/helpers.go.
 */
export function requirementsOf(selector: SelectorObject | undefined): readonly LabelRequirement[] | string | undefined {
  if (selector === undefined) return undefined;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels)) requirements.push({ key, operator: '=', values: [value] });
  for (const { key, operator, values } of selector.matchExpressions) {
    const known = operators.get(operator);
    if (known === undefined) return `${JSON.stringify(operator)} is not a valid label selector operator`;
    requirements.push({ key, operator: known, values });
  }
  return requirements.map(faultOf).find((fault) => fault !== undefined) ?? requirements;
}

function faultOf({ key, operator, values }: LabelRequirement): string | undefined {
  const keyFault = labelKeyFault(key);
  if (keyFault !== undefined) return `key: Invalid value: ${JSON.stringify(key)}: ${keyFault}`;
  if ((operator === 'in' || operator === 'notin') && values.length === 0)
    return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
  if ((operator === 'exists' || operator === '!') && values.length > 0)
    return `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`;
  for (const [index, value] of values.entries()) {
    const fault = labelValueFault(value);
    if (fault !== undefined) return `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`;
  }
  return undefined;
}
