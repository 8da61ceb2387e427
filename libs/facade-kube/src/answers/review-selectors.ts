import { labelValueProblems, qualifiedNameProblems, type JsonObject, type StatusCause } from '#kube';

/** What is wrong with the selectors that a review asks about. Rules of RBAC know none: they change no answer. Source: upstream pkg/apis/authorization/validation. */
export function selectorCauses(resource: JsonObject): readonly StatusCause[] {
  return [...causesOf(resource, 'fieldSelector', keyGiven), ...causesOf(resource, 'labelSelector', labelFaults)];
}

type Requirement = { readonly key: string; readonly operator: string; readonly values: readonly string[] };
type Faults = (requirement: Requirement, at: string) => readonly StatusCause[];

function causesOf(resource: JsonObject, name: 'fieldSelector' | 'labelSelector', faultsOf: Faults): readonly StatusCause[] {
  const selector = resource[name];
  if (!isObject(selector)) return [];
  const at = `spec.resourceAttributes.${name}`;
  const raw = textOf(selector['rawSelector']);
  const requirements = listOf(selector['requirements']).filter(isObject).map(requirementOf);
  const isBoth = raw !== '' && requirements.length > 0;
  const isNeither = raw === '' && requirements.length === 0;
  return [
    ...(isBoth ? [invalid(`${at}.rawSelector`, raw, 'may not specified at the same time as requirements')] : []),
    ...(isNeither ? [required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`)] : []),
    ...requirements.flatMap((requirement, index) => faultsOf(requirement, `${at}.requirements[${index}]`)),
  ];
}

function keyGiven(requirement: Requirement, at: string): readonly StatusCause[] {
  return [...(requirement.key === '' ? [required(`${at}.key`, 'must be specified')] : []), ...valueFaults(requirement, at)];
}

function labelFaults(requirement: Requirement, at: string): readonly StatusCause[] {
  const { key, values } = requirement;
  return [
    ...valueFaults(requirement, at),
    ...qualifiedNameProblems(key).map((problem) => invalid(`${at}.key`, key, problem)),
    ...values.flatMap((value, place) => labelValueProblems(value).map((problem) => invalid(`${at}.values[${place}]`, value, problem))),
  ];
}

/** Operators that are not known may be a newer client's. */
function valueFaults({ operator, values }: Requirement, at: string): readonly StatusCause[] {
  const field = `${at}.values`;
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    return [required(field, "must be specified when `operator` is 'In' or 'NotIn'")];
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    return [
      { reason: 'FieldValueForbidden', field, message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'" },
    ];
  return [];
}

const requirementOf = (from: JsonObject): Requirement => ({
  key: textOf(from['key']),
  operator: textOf(from['operator']),
  values: listOf(from['values']).map(textOf),
});

const required = (field: string, detail: string): StatusCause => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value: ${detail}`,
});
const invalid = (field: string, value: string, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
