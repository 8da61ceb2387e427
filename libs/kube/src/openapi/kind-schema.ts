import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import { apiVersionSchema, kindSchema } from './meta-definitions.ts';

/** How one version of OpenAPI refers to other definitions. */
export type Dialect = {
  readonly objectMeta: JsonObject;
  readonly listMeta: JsonObject;
  readonly ref: (name: string) => JsonObject;
  /** The same, for a field that says more about itself. */
  readonly describedRef: (name: string, description: string | undefined) => JsonObject;
  /** Whether fields may be named where others are possible: readers of version 2 would refuse the others. */
  readonly namesFieldsOfOpenObjects: boolean;
};

/** `com.example.v1.Widget`: the group reversed, the version, the kind. Upstream's own groups are called by their packages. */
export function modelName(group: string, version: string, kind: string): string {
  const prefix = packages.get(group) ?? group.split('.').reverse().join('.');
  return `${prefix}.${version}.${kind}`;
}

const packages: ReadonlyMap<string, string> = new Map([
  ['', 'io.k8s.api.core'],
  ['rbac.authorization.k8s.io', 'io.k8s.api.rbac'],
  ['coordination.k8s.io', 'io.k8s.api.coordination'],
  ['events.k8s.io', 'io.k8s.api.events'],
  ['admissionregistration.k8s.io', 'io.k8s.api.admissionregistration'],
  ['apiextensions.k8s.io', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions'],
]);

/** The schema of a kind as clients need it: with apiVersion, kind and metadata, here and in embedded resources. */
export function objectSchema(kind: ServedKind, version: ServedVersion, schema: JsonObject, dialect: Dialect): JsonObject {
  const complete = withEmbedded(schema, dialect);
  const properties = isJsonObject(complete['properties']) ? complete['properties'] : {};
  return {
    ...complete,
    type: 'object',
    properties: { ...properties, apiVersion: apiVersionSchema, kind: kindSchema, metadata: dialect.objectMeta },
    ...extensions(kind, version, kind.kind),
  };
}

export function listSchema(kind: ServedKind, version: ServedVersion, dialect: Dialect): JsonObject {
  return {
    type: 'object',
    description: `A list of ${kind.kind} objects.`,
    required: ['items'],
    properties: {
      apiVersion: apiVersionSchema,
      items: { type: 'array', description: 'The objects.', items: dialect.ref(modelName(kind.group, version.name, kind.kind)) },
      kind: kindSchema,
      metadata: dialect.listMeta,
    },
    ...extensions(kind, version, kind.listKind),
  };
}

export function extensions(kind: ServedKind, version: ServedVersion, name: string): JsonObject {
  const selectable = version.selectableFields.map((fieldPath) => ({ fieldPath }));
  return {
    'x-kubernetes-group-version-kind': [{ group: kind.group, version: version.name, kind: name }],
    ...(selectable.length > 0 ? { 'x-kubernetes-selectable-fields': selectable } : {}),
  };
}

/** Copies only where an embedded resource is; everything else is shared with the schema itself. */
function withEmbedded(schema: JsonObject, dialect: Dialect): JsonObject {
  const { properties, items, additionalProperties } = schema;
  const changes: { [name: string]: Json } = {};
  if (isJsonObject(properties)) {
    const changed = Object.entries(properties).flatMap(([name, property]) => changedEntry(name, property, dialect));
    if (changed.length > 0) changes['properties'] = { ...properties, ...Object.fromEntries(changed) };
  }
  for (const [name, below] of Object.entries({ items, additionalProperties })) {
    for (const [, changed] of changedEntry(name, below, dialect)) changes[name] = changed;
  }
  const walked = Object.keys(changes).length === 0 ? schema : { ...schema, ...changes };
  const nameable = dialect.namesFieldsOfOpenObjects || schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return nameable && schema['x-kubernetes-embedded-resource'] === true ? asResource(walked, dialect) : walked;
}

function changedEntry(name: string, below: Json | undefined, dialect: Dialect): readonly (readonly [string, JsonObject])[] {
  if (!isJsonObject(below)) return [];
  const next = withEmbedded(below, dialect);
  return next === below ? [] : [[name, next]];
}

function asResource(schema: JsonObject, dialect: Dialect): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = isJsonList(schema['required']) ? schema['required'] : [];
  return {
    ...schema,
    properties: { ...properties, apiVersion: apiVersionSchema, kind: kindSchema, metadata: dialect.objectMeta },
    required: [...new Set([...required, 'kind', 'apiVersion'])],
  };
}
