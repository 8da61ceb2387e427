import {
  allVerbs,
  compileSchema,
  type JsonObject,
  type KindSource,
  type KubeObject,
  type KubeVerb,
  type NameRule,
  type PrinterColumn,
  type ServedKind,
  type ServedVersion,
} from '#kube';

export type KindDeclaration = {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced?: boolean;
  readonly nameRule?: NameRule;
  readonly verbs?: readonly KubeVerb[];
  /** Preferred first; the first is the storage version. */
  readonly versions: readonly {
    readonly name: string;
    readonly schema: JsonObject;
    readonly columns?: readonly PrinterColumn[];
    readonly selectableFields?: readonly string[];
    readonly selectedBy?: ServedVersion['selectedBy'];
  }[];
  readonly statusSubresource?: boolean;
  readonly hasGeneration?: boolean;
  readonly unconditionalUpdate?: boolean;
  readonly compiledIn?: boolean;
  readonly ephemeral?: boolean;
  readonly finalizeSubresource?: boolean;
  readonly createdByUpdate?: boolean;
  readonly tokenSubresource?: boolean;
  readonly shownWhenDeleted?: boolean;
  readonly convert?: (object: KubeObject, toVersion: string) => KubeObject;
  readonly source?: KindSource;
};

/** One row of the table of kinds that the mesh itself serves. */
export function declareKind(declaration: KindDeclaration): ServedKind {
  const { kind, versions, statusSubresource = true, convert } = declaration;
  return {
    group: declaration.group,
    resource: declaration.resource,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: declaration.shortNames ?? [],
    categories: declaration.categories ?? [],
    namespaced: declaration.namespaced ?? false,
    nameRule: declaration.nameRule ?? 'dns1123subdomain',
    verbs: declaration.verbs ?? allVerbs,
    versions: versions.map(({ name, schema, columns = [], selectableFields = [], selectedBy }) => ({
      name,
      served: true,
      schema: declaration.compiledIn ? { ...compileSchema(withoutBytes(schema)), source: schema } : compileSchema(schema),
      statusSubresource,
      columns,
      selectableFields,
      ...(selectedBy ? { selectedBy } : {}),
    })),
    storageVersion: versions[0]?.name ?? '',
    unconditionalUpdate: declaration.unconditionalUpdate ?? false,
    hasGeneration: declaration.hasGeneration ?? true,
    ...(declaration.finalizeSubresource ? { finalizeSubresource: true } : {}),
    ...(declaration.createdByUpdate ? { createdByUpdate: true } : {}),
    ...(declaration.tokenSubresource ? { tokenSubresource: true } : {}),
    ...(declaration.shownWhenDeleted ? { shownWhenDeleted: true } : {}),
    ...(declaration.ephemeral ? { ephemeral: true } : {}),
    ...(declaration.compiledIn ? { compiledIn: true } : {}),
    ...(convert ? { convert } : {}),
    source: declaration.source ?? { type: 'builtin' },
  };
}

/** Clients' types have bytes where JSON has base64: the kind's rules decode it, and what is no base64 is no object of the kind. */
function withoutBytes(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).filter(([name, value]) => name !== 'format' || value !== 'byte');
  return Object.fromEntries(entries.map(([name, value]) => [name, isObject(value) ? withoutBytes(value) : value]));
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
