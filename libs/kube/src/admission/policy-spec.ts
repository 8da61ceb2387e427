import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';

/** ValidatingAdmissionPolicies and their bindings as objects hold them, read so that no shape of JSON can surprise. */
export type PolicySpec = {
  readonly failurePolicy: string;
  readonly paramKind: ParamKind | undefined;
  readonly matchConstraints: MatchResources | undefined;
  readonly matchConditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly valueExpression: string }[];
};

export type ParamKind = { readonly apiVersion: string; readonly kind: string };
export type NamedExpression = { readonly name: string; readonly expression: string };
export type Validation = {
  readonly expression: string;
  readonly message: string;
  readonly messageExpression: string;
  /** Undefined where none was given, which is not the same as an empty one. */
  readonly reason: string | undefined;
};

export type BindingSpec = {
  readonly policyName: string;
  readonly paramRef: ParamRef | undefined;
  readonly matchResources: MatchResources | undefined;
  readonly validationActions: readonly string[];
};

export type ParamRef = {
  readonly name: string;
  readonly namespace: string;
  readonly selector: LabelSelector | undefined;
  readonly parameterNotFoundAction: string;
};

export type MatchResources = {
  readonly matchPolicy: string;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly objectSelector: LabelSelector | undefined;
  readonly resourceRules: readonly ResourceRule[];
  readonly excludeResourceRules: readonly ResourceRule[];
};

export type ResourceRule = {
  readonly resourceNames: readonly string[];
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
};

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
export type LabelSelector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[];
};

/** Takes any JSON: what is missing or of another type reads as empty, and is for the checks to refuse. */
export function readPolicySpec(spec: Json | undefined): PolicySpec {
  const from = objectOf(spec);
  const { paramKind, matchConstraints } = from;
  return {
    failurePolicy: textOf(from['failurePolicy']),
    paramKind: isJsonObject(paramKind) ? { apiVersion: textOf(paramKind['apiVersion']), kind: textOf(paramKind['kind']) } : undefined,
    matchConstraints: isJsonObject(matchConstraints) ? readMatchResources(matchConstraints) : undefined,
    matchConditions: objectsOf(from['matchConditions']).map(namedExpression),
    variables: objectsOf(from['variables']).map(namedExpression),
    validations: objectsOf(from['validations']).map((validation) => ({
      expression: textOf(validation['expression']),
      message: textOf(validation['message']),
      messageExpression: textOf(validation['messageExpression']),
      reason: typeof validation['reason'] === 'string' ? validation['reason'] : undefined,
    })),
    auditAnnotations: objectsOf(from['auditAnnotations']).map((annotation) => ({
      key: textOf(annotation['key']),
      valueExpression: textOf(annotation['valueExpression']),
    })),
  };
}

export function readBindingSpec(spec: Json | undefined): BindingSpec {
  const from = objectOf(spec);
  const { paramRef, matchResources } = from;
  return {
    policyName: textOf(from['policyName']),
    paramRef: isJsonObject(paramRef) ? readParamRef(paramRef) : undefined,
    matchResources: isJsonObject(matchResources) ? readMatchResources(matchResources) : undefined,
    validationActions: textsOf(from['validationActions']),
  };
}

function readParamRef(from: JsonObject): ParamRef {
  return {
    name: textOf(from['name']),
    namespace: textOf(from['namespace']),
    selector: selectorOf(from['selector']),
    parameterNotFoundAction: textOf(from['parameterNotFoundAction']),
  };
}

function readMatchResources(from: JsonObject): MatchResources {
  return {
    matchPolicy: textOf(from['matchPolicy']),
    namespaceSelector: selectorOf(from['namespaceSelector']),
    objectSelector: selectorOf(from['objectSelector']),
    resourceRules: objectsOf(from['resourceRules']).map(readRule),
    excludeResourceRules: objectsOf(from['excludeResourceRules']).map(readRule),
  };
}

function readRule(from: JsonObject): ResourceRule {
  return {
    resourceNames: textsOf(from['resourceNames']),
    operations: textsOf(from['operations']),
    apiGroups: textsOf(from['apiGroups']),
    apiVersions: textsOf(from['apiVersions']),
    resources: textsOf(from['resources']),
    scope: textOf(from['scope']),
  };
}

function selectorOf(from: Json | undefined): LabelSelector | undefined {
  if (!isJsonObject(from)) return undefined;
  const labels = Object.entries(objectOf(from['matchLabels'])).map(([key, value]) => [key, textOf(value)] as const);
  return {
    matchLabels: Object.fromEntries(labels),
    matchExpressions: objectsOf(from['matchExpressions']).map((expression) => ({
      key: textOf(expression['key']),
      operator: textOf(expression['operator']),
      values: textsOf(expression['values']),
    })),
  };
}

const namedExpression = (from: JsonObject): NamedExpression => ({ name: textOf(from['name']), expression: textOf(from['expression']) });
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
/** What is no object counts as an empty one, so that the others keep their indexes. */
const objectsOf = (value: Json | undefined): readonly JsonObject[] => (isJsonList(value) ? value.map(objectOf) : []);
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const textsOf = (value: Json | undefined): readonly string[] => (isJsonList(value) ? value.map(textOf) : []);
