import type { Json } from '../json.ts';
import { nameProblems } from '../metadata/names.ts';
import { duplicateValue, forbidden, invalidValue, notSupported, requiredValue } from '../schema/field-error.ts';
import type { StatusCause } from '../status-failure.ts';
import { invalidTexts, matchResourcesCauses, selectorCauses } from './check-match-resources.ts';
import { readBindingSpec, type ParamRef } from './policy-spec.ts';

/** Why a ValidatingAdmissionPolicyBinding's spec is none. Source: upstream pkg/apis/admissionregistration/validation. */
export function bindingCauses(spec: Json | undefined): readonly StatusCause[] {
  const { policyName, paramRef, matchResources, validationActions } = readBindingSpec(spec);
  return [
    ...(policyName === ''
      ? [requiredValue('spec.policyName')]
      : nameProblems(policyName, 'dns1123subdomain').map((problem) => invalidValue('spec.policyName', policyName, problem))),
    ...(paramRef ? paramRefCauses(paramRef, 'spec.paramRef') : []),
    ...(matchResources ? matchResourcesCauses(matchResources, 'spec.matchResources') : []),
    ...actionCauses(validationActions, 'spec.validationActions'),
  ];
}

function paramRefCauses({ name, selector, parameterNotFoundAction }: ParamRef, at: string): readonly StatusCause[] {
  const both = name !== '' && selector !== undefined;
  const exclusive = 'name and selector are mutually exclusive';
  const actions = ['Deny', 'Allow'];
  return [
    ...(name === '' ? [] : nameProblems(name, 'pathSegment').map((problem) => invalidValue(`${at}.name`, name, problem))),
    ...(both ? [forbidden(`${at}.name`, exclusive)] : []),
    ...selectorCauses(selector, `${at}.selector`),
    ...(both ? [forbidden(`${at}.selector`, exclusive)] : []),
    ...(name === '' && selector === undefined ? [requiredValue(at, 'one of name or selector must be specified')] : []),
    ...(parameterNotFoundAction === ''
      ? [requiredValue(`${at}.parameterNotFoundAction`)]
      : actions.includes(parameterNotFoundAction)
        ? []
        : [notSupported(`${at}.parameterNotFoundAction`, parameterNotFoundAction, actions)]),
  ];
}

const known = ['Audit', 'Deny', 'Warn'];

function actionCauses(actions: readonly string[], at: string): readonly StatusCause[] {
  const seen = new Set<string>();
  const each = actions.flatMap((action, index) => {
    const repeated = seen.has(action);
    seen.add(action);
    return [
      ...(known.includes(action) ? [] : [notSupported(`${at}[${index}]`, action, known)]),
      ...(repeated ? [duplicateValue(`${at}[${index}]`, action)] : []),
    ];
  });
  const contradiction =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...each,
    ...(seen.has('Deny') && seen.has('Warn') ? [invalidTexts(at, actions, contradiction)] : []),
    ...(seen.size === 0 ? [requiredValue(at, 'at least one validation action is required')] : []),
  ];
}
