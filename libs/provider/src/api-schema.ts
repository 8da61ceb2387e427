import { createHash } from 'node:crypto';
import {
  compileSchema,
  declaredKind,
  relabelled,
  scaleCauses,
  validateStructuralSchema,
  withHealthColumn,
  withHealthStatus,
  type BoundProvider,
  type DeclaredVersion,
  type DefinitionSpec,
  type JsonObject,
  type ServedKind,
  type StatusCause,
} from '#kube';

/** `spec` of an APIResourceSchema, as far as serving needs it. It has passed the schema of its kind. */
export type ApiSchema = {
  readonly group: string;
  readonly names: DefinitionSpec['names'];
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly ApiSchemaVersion[];
};

type ApiSchemaVersion = DeclaredVersion & { readonly schema: JsonObject };

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
  const declared = declaredKind(schema, (version) => {
    const { scale } = version.subresources ?? {};
    return {
      schema: compileSchema(healthySchema(version)),
      ...(scale && scaleCauses(scale, '').length === 0 ? { scale } : {}),
    };
  });
  const versions = declared.versions.map((version) =>
    version.statusSubresource ? { ...version, columns: withHealthColumn(version.columns, 'provider') } : version,
  );
  return { ...declared, versions, ...(versions.length > 1 ? { convert: relabelled(schema.group, versions) } : {}) };
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
