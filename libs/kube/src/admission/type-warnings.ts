import { escapeName } from '../cel/escape-name.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectOf,
  stringType,
  timestampType,
  type CelType,
} from '../cel/types.ts';
import type { Json, JsonObject } from '../json.ts';
import { objectMetaSchema } from '../metadata/object-meta-schema.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import type { ServedKind } from '../served-kind.ts';
import { PolicyScope } from './compile-policy.ts';
import { readPolicySpec, type PolicySpec } from './policy-spec.ts';

/** An expression of a policy that does not fit a kind that the policy is about. */
export type ExpressionWarning = { readonly fieldRef: string; readonly warning: string };

/**
 * What an author should know: expressions that name fields which the kinds of their rules do not have. A policy with warnings is
 * in force all the same. Source: k8s.io/apiserver pkg/admission/plugin/policy/validating/typechecking.go.
 */
export function typeWarnings(policy: Json | undefined, served: readonly ServedKind[]): readonly ExpressionWarning[] {
  const spec = readPolicySpec(policy);
  const kinds = kindsToCheck(spec, served);
  const params = paramsType(spec, served);
  return spec.validations.flatMap(({ expression, messageExpression }, index) => [
    ...warningOf(`spec.validations[${index}].expression`, expression, { spec, kinds, params }),
    ...(messageExpression === ''
      ? []
      : warningOf(`spec.validations[${index}].messageExpression`, messageExpression, { spec, kinds, params })),
  ]);
}

type TypedKind = { readonly name: string; readonly type: CelType };
type Checking = { readonly spec: PolicySpec; readonly kinds: readonly TypedKind[]; readonly params: CelType | undefined };

function warningOf(fieldRef: string, expression: string, { spec, kinds, params }: Checking): readonly ExpressionWarning[] {
  const messages = kinds.flatMap(({ name, type }) => {
    const scope = new PolicyScope({ hasParams: params !== undefined, hasAuthorizer: true, object: type, ...(params ? { params } : {}) });
    for (const variable of spec.variables) scope.compose(variable.name, variable.expression);
    const compiled = scope.compile(expression, undefined);
    return compiled.ok ? [] : [`${name}: ${compiled.problem.replace('compilation failed: ', '')}\n`];
  });
  return messages.length === 0 ? [] : [{ fieldRef, warning: messages.join('\n') }];
}

const kindsMax = 10;

/** Kinds that rules name without wildcards, in order. */
function kindsToCheck({ matchConstraints }: PolicySpec, served: readonly ServedKind[]): readonly TypedKind[] {
  const found = new Map<string, TypedKind>();
  for (const { apiGroups, apiVersions, resources } of matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((text) => text.includes('*'))) continue;
    for (const kind of served) {
      if (!apiGroups.includes(kind.group) || !resources.includes(kind.resource)) continue;
      for (const { name, schema } of kind.versions) {
        if (!apiVersions.includes(name) || found.size >= kindsMax) continue;
        const text = kindText(kind, name);
        found.set(text, { name: text, type: objectType(schema.source) });
      }
    }
  }
  return [...found.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function paramsType({ paramKind }: PolicySpec, served: readonly ServedKind[]): CelType | undefined {
  const kind = paramKind && served.find((known) => known.kind === paramKind.kind && versionIn(known, paramKind.apiVersion));
  const version = kind && versionIn(kind, paramKind.apiVersion);
  return version && objectType(version.schema.source);
}

const versionIn = ({ group, versions }: ServedKind, apiVersion: string) =>
  versions.find(({ name }) => (group === '' ? name : `${group}/${name}`) === apiVersion);

const kindText = ({ group, kind }: ServedKind, version: string): string => `${group}/${version}, Kind=${kind}`;

const text: JsonObject = { type: 'string' };

function objectType(schema: JsonObject): CelType {
  return typeOf({
    ...schema,
    type: 'object',
    properties: { ...propertiesOf(schema), apiVersion: text, kind: text, metadata: objectMetaSchema },
  });
}

/** Where a schema leaves open what there is, anything is. */
function typeOf(schema: JsonObject): CelType {
  const { type, additionalProperties, items } = schema;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true) return dynType;
  if (schema['x-kubernetes-int-or-string'] === true) return dynType;
  if (type === 'object') return isJsonObject(additionalProperties) ? mapOf(stringType, typeOf(additionalProperties)) : fieldsType(schema);
  if (type === 'array') return isJsonObject(items) ? listOf(typeOf(items)) : dynType;
  if (type === 'string') return formats.get(String(schema['format'])) ?? stringType;
  return scalars.get(String(type)) ?? dynType;
}

const scalars: ReadonlyMap<string, CelType> = new Map([
  ['integer', intType],
  ['number', doubleType],
  ['boolean', boolType],
]);
const formats: ReadonlyMap<string, CelType> = new Map([
  ['byte', bytesType],
  ['duration', durationType],
  ['date', timestampType],
  ['date-time', timestampType],
]);

/** Fields are known by their own names and, where rules of schemas escape these, by the escaped ones. */
function fieldsType(schema: JsonObject): CelType {
  const fields = new Map<string, CelType>();
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const type = typeOf(property);
    fields.set(name, type);
    const escaped = escapeName(name);
    if (escaped !== undefined) fields.set(escaped, type);
  }
  return fields.size === 0 ? dynType : objectOf(fields);
}
