import { authorizerValue, resourceCheckValue } from '../cel/functions/authorizer.ts';
import { valueOf } from '../cel/json-values.ts';
import { anySchemaType, type SchemaType } from '../cel/schema-type.ts';
import { boolType, dynType, intType, listOf, mapOf, objectOf, opaque, stringType, timestampType, type CelType } from '../cel/types.ts';
import { CelMap, type Value } from '../cel/values.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { RequestedResource, Write } from './write.ts';

const place = (type: CelType, json: SchemaType['json']): SchemaType => ({ type, json, nullable: true, elementsMax: 0, bytesMin: 0 });
const text = place(stringType, 'string');
const flag = place(boolType, 'boolean');
const integer = place(intType, 'integer');
const time = place(timestampType, 'date-time');
const listOfAll = (element: SchemaType): SchemaType => ({ ...place(listOf(element.type), 'list'), element });
const mapOfAll = (element: SchemaType): SchemaType => ({ ...place(mapOf(stringType, element.type), 'map'), element });
const texts = listOfAll(text);

/** Fields have their own names, also where schemas would escape them: `request.namespace`. */
function record(name: string, fields: Readonly<Record<string, SchemaType>>): SchemaType {
  const entries = Object.entries(fields);
  return {
    ...place(objectOf(new Map(entries.map(([field, { type }]) => [field, type])), `kubernetes.${name}`), 'object'),
    fields: new Map(entries.map(([field, schema]) => [field, { name: field, schema }])),
  };
}

const groupVersionKind = record('GroupVersionKind', { group: text, version: text, kind: text });
const groupVersionResource = record('GroupVersionResource', { group: text, version: text, resource: text });

/** Source: k8s.io/apiserver pkg/admission/plugin/cel/compile.go. */
const request = record('AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: text,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo: record('UserInfo', { username: text, uid: text, groups: texts, extra: mapOfAll(texts) }),
  dryRun: flag,
  options: anySchemaType,
});

const namespace = record('Namespace', {
  metadata: record('NamespaceMetadata', {
    name: text,
    generateName: text,
    namespace: text,
    labels: mapOfAll(text),
    annotations: mapOfAll(text),
    UID: text,
    creationTimestamp: time,
    deletionGracePeriodSeconds: integer,
    deletionTimestamp: time,
    generation: integer,
    resourceVersion: text,
    finalizers: texts,
  }),
  spec: record('NamespaceSpec', { finalizers: texts }),
  status: record('NamespaceStatus', {
    conditions: listOfAll(
      record('NamespaceCondition', { status: text, type: text, lastTransitionTime: time, message: text, reason: text }),
    ),
    phase: text,
  }),
});

export type VariableChoice = {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** What is known of `object` and `params`, for a type check; anything, when a policy runs. */
  readonly object?: CelType;
  readonly params?: CelType;
  /** False: there is no `variables`. */
  readonly hasVariables?: boolean;
  /** What `variables` has, by name. */
  readonly composed: ReadonlyMap<string, CelType>;
};

/** What an expression of a policy may name, in the order in which `variableValues` gives them. */
export function variableTypes(choice: VariableChoice): ReadonlyMap<string, CelType> {
  const { hasParams, hasAuthorizer, object = dynType, params = dynType, hasVariables = true, composed } = choice;
  return new Map<string, CelType>([
    ['object', object],
    ['oldObject', object],
    ['request', request.type],
    ['namespaceObject', namespace.type],
    ...(hasVariables ? [['variables', objectOf(composed, 'kubernetes.variables')] as const] : []),
    ...(hasParams ? ([['params', params]] as const) : []),
    ...(hasAuthorizer ? authorizers : []),
  ]);
}

const authorizers: readonly (readonly [string, CelType])[] = [
  ['authorizer', opaque('kubernetes.authorization.Authorizer')],
  ['authorizer.requestResource', opaque('kubernetes.authorization.ResourceCheck')],
];

/** The values of one policy's variables for one write. Made once, and shared by all of its expressions. */
export type PolicyInput = {
  readonly object: Value;
  readonly oldObject: Value;
  readonly request: Value;
  readonly namespaceObject: Value;
  readonly params: Value;
  readonly authorizer: Value;
  readonly requestResource: Value;
};

export function policyInput(write: Write, as: RequestedResource, params: KubeObject | undefined): PolicyInput {
  const { user, ask, requested, subresource, name } = write;
  const seen = (object: KubeObject | undefined): Value => (object ? anyValue(write.inVersion(object, as)) : null);
  const { group, resource } = requested;
  const isNamespace = requested.group === '' && requested.kind === 'Namespace';
  const home = write.namespace === '' || isNamespace ? undefined : write.namespaceObject(write.namespace);
  return {
    object: seen(write.object),
    oldObject: seen(write.oldObject),
    request: valueOf(requestJson(write, as), request),
    namespaceObject: home ? valueOf(withoutMore(home), namespace) : null,
    params: params ? anyValue(params) : null,
    authorizer: authorizerValue(user, ask),
    requestResource: resourceCheckValue(user, ask, { group, resource, subresource, namespace: write.namespace, name }),
  };
}

export function variableValues(input: PolicyInput, variables: Value, { hasParams }: { readonly hasParams: boolean }): readonly Value[] {
  const { object, oldObject, request: asked, namespaceObject, params, authorizer, requestResource } = input;
  return [object, oldObject, asked, namespaceObject, variables, ...(hasParams ? [params] : []), authorizer, requestResource];
}

/** Named expressions of a policy, run when they are asked for, and once. */
export class ComposedVariables extends CelMap {
  readonly #names: readonly string[];
  readonly #compute: (name: string) => Value | undefined;
  readonly #known = new Map<string, Value | undefined>();

  constructor(names: readonly string[], compute: (name: string) => Value | undefined) {
    super();
    this.#names = names;
    this.#compute = compute;
  }

  get size(): number {
    return this.#names.length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    if (!this.#known.has(key)) this.#known.set(key, this.#compute(key));
    return this.#known.get(key);
  }

  keys(): readonly Value[] {
    return this.#names;
  }
}

const anyValue = (object: KubeObject): Value => valueOf(object as unknown as Json, anySchemaType);

function withoutMore({ metadata, spec, status }: KubeObject): Json {
  return { metadata, spec: spec ?? {}, status: status ?? {} } as unknown as Json;
}

function requestJson(write: Write, as: RequestedResource): JsonObject {
  const { operation, requested, subresource, namespace: home, name, user, dryRun, options } = write;
  return {
    kind: kindJson(as),
    resource: { group: as.group, version: as.version, resource: as.resource },
    ...(subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: kindJson(requested),
    requestResource: { group: requested.group, version: requested.version, resource: requested.resource },
    ...(name === '' ? {} : { name }),
    ...(home === '' ? {} : { namespace: home }),
    operation,
    userInfo: {
      username: user.user,
      ...(user.uid === '' ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
    },
    dryRun,
    options,
  };
}

function kindJson({ group, version, kind, kindOf = { group, version } }: RequestedResource): JsonObject {
  return { group: kindOf.group, version: kindOf.version, kind };
}
