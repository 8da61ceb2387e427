import type { CompiledText } from '../cel/program.ts';
import { boolType, nullType, stringType } from '../cel/types.ts';
import { equalJson } from '../equal-json.ts';
import type { Json } from '../json.ts';
import { dns1035Problems, nameProblems, qualifiedNameProblems } from '../metadata/names.ts';
import { duplicateValue, invalidValue, notSupported, requiredValue, tooMany } from '../schema/field-error.ts';
import type { StatusCause } from '../status-failure.ts';
import { matchResourcesCauses } from './check-match-resources.ts';
import { PolicyScope } from './compile-policy.ts';
import { readPolicySpec, type NamedExpression, type ParamKind, type PolicySpec, type Validation } from './policy-spec.ts';

/**
 * Why a ValidatingAdmissionPolicy's spec is none. `old`: the spec before an update; what stood in it may stay as it is.
 * Source: upstream pkg/apis/admissionregistration/validation.
 */
export function policyCauses(name: string, spec: Json | undefined, old?: Json): readonly StatusCause[] {
  return new PolicyCheck(name, readPolicySpec(spec), old === undefined ? undefined : readPolicySpec(old)).causes();
}

const at = 'spec';
const annotationsMax = 20;
const conditionsMax = 64;
const annotationExpressionBytesMax = 5 * 1024;
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

class PolicyCheck {
  readonly #name: string;
  readonly #spec: PolicySpec;
  readonly #old: PolicySpec | undefined;
  readonly #scope: PolicyScope;
  /** Conditions do not see the variables. */
  readonly #conditionScope: PolicyScope;

  constructor(name: string, spec: PolicySpec, old: PolicySpec | undefined) {
    this.#name = name;
    this.#spec = spec;
    this.#old = old;
    const choice = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
    this.#scope = new PolicyScope({ ...choice, hasVariables: spec.variables.length > 0 });
    this.#conditionScope = new PolicyScope({ ...choice, hasVariables: false });
  }

  causes(): readonly StatusCause[] {
    const { failurePolicy, paramKind, matchConstraints, variables } = this.#spec;
    return [
      ...failurePolicyCauses(failurePolicy),
      ...(paramKind ? paramKindCauses(paramKind, `${at}.paramKind`) : []),
      ...(matchConstraints ? matchResourcesCauses(matchConstraints, `${at}.matchConstraints`) : [requiredValue(`${at}.matchConstraints`)]),
      ...(matchConstraints?.resourceRules.length === 0 ? [requiredValue(`${at}.matchConstraints.resourceRules`)] : []),
      ...(this.#conditionsStay() ? [] : this.#conditionCauses()),
      ...variables.flatMap((variable, index) => this.#variableCauses(variable, `${at}.variables[${index}]`)),
      ...this.#contentCauses(),
    ];
  }

  #conditionsStay(): boolean {
    const [now, before] = [this.#spec, this.#old];
    if (before === undefined) return false;
    return equalJson(now.matchConditions, before.matchConditions) && equalJson(now.paramKind ?? null, before.paramKind ?? null);
  }

  #conditionCauses(): readonly StatusCause[] {
    const field = `${at}.matchConditions`;
    const { matchConditions } = this.#spec;
    const names = new Set<string>();
    return [
      ...(matchConditions.length > conditionsMax ? [tooMany(field, matchConditions.length, conditionsMax)] : []),
      ...matchConditions.flatMap(({ name, expression }, index) => {
        const text = expression.trim();
        const repeated = name !== '' && names.has(name);
        names.add(name);
        return [
          ...(text === ''
            ? [requiredValue(`${field}[${index}].expression`)]
            : expressionCauses(this.#conditionScope.compile(text, [boolType]), text, `${field}[${index}].expression`)),
          ...(name === '' ? [requiredValue(`${field}[${index}].name`)] : qualifiedCauses(name, `${field}[${index}].name`)),
          ...(repeated ? [duplicateValue(`${field}[${index}].name`, name)] : []),
        ];
      }),
    ];
  }

  #variableCauses({ name, expression }: NamedExpression, field: string): readonly StatusCause[] {
    const nameCauses =
      name.trim() === ''
        ? [requiredValue(`${field}.name`, 'name is not specified')]
        : isIdentifier(name)
          ? []
          : [invalidValue(`${field}.name`, name, 'must be a valid CEL identifier')];
    if (expression.trim() === '') return [...nameCauses, requiredValue(`${field}.expression`, 'expression is not specified')];
    return [...nameCauses, ...expressionCauses(this.#scope.compose(name, expression), expression, `${field}.expression`)];
  }

  #contentCauses(): readonly StatusCause[] {
    const { validations, auditAnnotations } = this.#spec;
    if (validations.length === 0 && auditAnnotations.length === 0) {
      const detail = 'validations or auditAnnotations must contain at least one item';
      return [requiredValue(`${at}.validations`, detail), requiredValue(`${at}.auditAnnotations`, detail)];
    }
    return [
      ...validations.flatMap((validation, index) => this.#validationCauses(validation, `${at}.validations[${index}]`)),
      ...this.#annotationCauses(),
    ];
  }

  #validationCauses({ expression, message, messageExpression, reason }: Validation, field: string): readonly StatusCause[] {
    return [
      ...(expression.trim() === ''
        ? [requiredValue(`${field}.expression`, 'expression is not specified')]
        : expressionCauses(this.#scope.compile(expression, [boolType]), expression, `${field}.expression`)),
      ...this.#messageExpressionCauses(messageExpression, `${field}.messageExpression`),
      ...messageCauses(message, `${field}.message`),
      ...(reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${field}.reason`, reason, reasons)]),
    ];
  }

  #messageExpressionCauses(text: string, field: string): readonly StatusCause[] {
    if (text === '') return [];
    if (text.trim() === '') return [invalidValue(field, text, 'must be non-empty if specified')];
    return expressionCauses(this.#scope.compile(text, [stringType], false), text, field);
  }

  #annotationCauses(): readonly StatusCause[] {
    const field = `${at}.auditAnnotations`;
    const { auditAnnotations } = this.#spec;
    const keys = new Set<string>();
    return [
      ...(auditAnnotations.length > annotationsMax
        ? [invalidValue(field, '', `must not have more than ${annotationsMax} auditAnnotations`)]
        : []),
      ...auditAnnotations.flatMap(({ key, valueExpression }, index) => {
        const repeated = keys.has(key);
        keys.add(key);
        return [
          ...(this.#name === ''
            ? [invalidValue(`${field}[${index}].key`, key, 'requires metadata.name be non-empty')]
            : qualifiedCauses(`${this.#name}/${key}`, `${field}[${index}].key`)),
          ...this.#valueExpressionCauses(valueExpression, `${field}[${index}].valueExpression`),
          ...(repeated ? [duplicateValue(`${field}[${index}].key`, key)] : []),
        ];
      }),
    ];
  }

  #valueExpressionCauses(expression: string, field: string): readonly StatusCause[] {
    const text = expression.trim();
    if (text === '') return [requiredValue(field, 'valueExpression is not specified')];
    if (Buffer.byteLength(text) > annotationExpressionBytesMax)
      return [requiredValue(field, `must not exceed ${annotationExpressionBytesMax} bytes in length`)];
    return expressionCauses(this.#scope.compile(text, [stringType, nullType]), expression, field);
  }
}

const expressionCauses = (compiled: CompiledText, text: string, field: string): readonly StatusCause[] =>
  compiled.ok ? [] : [invalidValue(field, text, compiled.problem)];

const qualifiedCauses = (name: string, field: string): readonly StatusCause[] =>
  qualifiedNameProblems(name).map((problem) => invalidValue(field, name, problem));

function failurePolicyCauses(failurePolicy: string): readonly StatusCause[] {
  const supported = ['Fail', 'Ignore'];
  return supported.includes(failurePolicy) ? [] : [notSupported(`${at}.failurePolicy`, failurePolicy, supported)];
}

function messageCauses(message: string, field: string): readonly StatusCause[] {
  const trimmed = message.trim();
  if (message !== '' && trimmed === '') return [invalidValue(field, message, 'must be non-empty if specified')];
  return /[\n\r]/.test(trimmed) ? [invalidValue(field, message, 'must not contain line breaks')] : [];
}

function paramKindCauses({ apiVersion, kind }: ParamKind, field: string): readonly StatusCause[] {
  const kindProblems = dns1035Problems(kind.toLowerCase());
  return [
    ...apiVersionCauses(apiVersion, `${field}.apiVersion`),
    ...(kind === ''
      ? [requiredValue(`${field}.kind`)]
      : kindProblems.length > 0
        ? [invalidValue(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${kindProblems.join(',')}`)]
        : []),
  ];
}

function apiVersionCauses(apiVersion: string, field: string): readonly StatusCause[] {
  if (apiVersion === '') return [requiredValue(field)];
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/');
  if (parts.length > 2) return [invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group = '', version = ''] = parts.length === 1 ? ['', ...parts] : parts;
  const groupProblems = group === '' ? [] : nameProblems(group, 'dns1123subdomain');
  const versionProblems = dns1035Problems(version);
  return [
    ...(groupProblems.length > 0 ? [invalidValue(field, group, groupProblems.join(','))] : []),
    ...(version === ''
      ? [invalidValue(field, apiVersion, 'version must be specified')]
      : versionProblems.length > 0
        ? [invalidValue(field, version, versionProblems.join(','))]
        : []),
  ];
}

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reserved.has(name);
