import { createHash } from 'node:crypto';
import {
  byVersionPriority,
  compileSchema,
  relabelled,
  scaleCauses,
  validateStructuralSchema,
  withHealthStatus,
  type BoundProvider,
  type JsonObject,
  type PrinterColumn,
  type ScalePaths,
  type ServedKind,
  type ServedVersion,
  type StatusCause,
} from '#kube';
import { allVerbs } from './declare-kind.ts';

/** `spec` of an APIResourceSchema, as far as serving needs it. It has passed the schema of its kind. */
export type ApiSchema = {
  readonly group: string;
  readonly names: {
    readonly plural: string;
    readonly singular?: string;
    readonly kind: string;
    readonly listKind?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly ApiSchemaVersion[];
};

type ApiSchemaVersion = {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema: JsonObject;
  readonly subresources?: { readonly status?: JsonObject; readonly scale?: ScalePaths };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
};

/** The name of a schema by its content: the same text in two providers' workspaces is one schema. Hex SHA-256 of canonical JSON. */
export function schemaHashOf(schema: ApiSchema): string {
  return createHash('sha256').update(canonicalJson(schema)).digest('hex');
}

export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    // A bigint stands here as the raw text that it becomes.
    typeof part === 'object' && part !== null && !Array.isArray(part) && !JSON.isRawJSON(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The parts of a served kind that depend on the schema only: made once, shared by all workspaces that bind it. */
export type CompiledApi = Omit<ServedKind, 'source'>;

export function compileApi(schema: ApiSchema): CompiledApi {
  const { names, versions } = schema;
  const compiled = [...versions].sort((a, b) => byVersionPriority(a.name, b.name)).map(compileVersion(schema));
  return {
    group: schema.group,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: schema.scope === 'Namespaced',
    nameRule: 'dns1123subdomain',
    verbs: allVerbs,
    versions: compiled,
    ...(compiled.length > 1 ? { convert: relabelled(schema.group, compiled) } : {}),
    storageVersion: (versions.find(({ storage }) => storage) ?? versions[0])?.name ?? '',
    unconditionalUpdate: false,
    hasGeneration: true,
  };
}

/** A kind as one workspace serves it: the compiled schema, and whose it is. */
export function servedApi(api: CompiledApi, binding: string, provider: BoundProvider): ServedKind {
  return { ...api, source: { type: 'bound', binding, provider } };
}

/** What is wrong with an APIResourceSchema beyond its own schema: structure, versions, and a status that cannot carry health. */
export function violationsOfApiSchema(name: string, schema: ApiSchema): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  const suffix = `.${schema.names.plural}.${schema.group}`;
  if (!name.endsWith(suffix) || name.length === suffix.length) {
    causes.push(invalidValue('metadata.name', name, `must be a prefix, a dot and ${suffix.slice(1)}`));
  }
  if (schema.versions.filter(({ storage }) => storage).length !== 1) {
    causes.push({
      reason: 'FieldValueInvalid',
      field: 'spec.versions',
      message: 'Invalid value: "array": must have exactly one version marked as storage version',
    });
  }
  for (const [index, version] of schema.versions.entries()) {
    const field = `spec.versions[${index}].schema`;
    causes.push(...validateStructuralSchema(version.schema, field));
    causes.push(...scaleCauses(version.subresources?.scale, `spec.versions[${index}].subresources`));
    if (version.subresources?.status === undefined) continue;
    const healthy = withHealthStatus(version.schema, field);
    if (healthy.type === 'refused') causes.push(...healthy.causes);
  }
  return causes;
}

const compileVersion =
  (api: ApiSchema) =>
  (version: ApiSchemaVersion): ServedVersion => ({
    name: version.name,
    served: version.served,
    schema: compileSchema(healthySchema(version)),
    statusSubresource: version.subresources?.status !== undefined,
    ...(scaleCauses(version.subresources?.scale, '').length === 0 && version.subresources?.scale
      ? { scale: version.subresources.scale }
      : {}),
    columns: version.additionalPrinterColumns ?? [],
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    ...(version.deprecated
      ? { deprecationWarning: version.deprecationWarning ?? `${api.group}/${version.name} ${api.names.kind} is deprecated` }
      : {}),
  });

function healthySchema({ schema, subresources }: ApiSchemaVersion): JsonObject {
  if (subresources?.status === undefined) return schema;
  const healthy = withHealthStatus(schema);
  return healthy.type === 'ready' ? healthy.schema : schema;
}

const invalidValue = (field: string, value: string, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});
