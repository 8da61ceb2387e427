import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import type { PrinterColumn, ScalePaths } from '../served-kind.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ as far as the mesh reads it. */
export type DefinitionSpec = {
  readonly group: string;
  readonly names: DefinitionNames;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly DefinitionVersion[];
  readonly conversion?: DefinitionConversion;
};

export type DefinitionNames = {
  readonly plural: string;
  readonly singular?: string;
  readonly kind: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
};

export type DefinitionVersion = {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: JsonObject };
  readonly subresources?: { readonly status?: JsonObject; readonly scale?: ScalePaths };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
};

export type DefinitionConversion = {
  readonly strategy: 'None' | 'Webhook';
  readonly webhook?: { readonly clientConfig?: WebhookClient; readonly conversionReviewVersions?: readonly string[] };
};

export type WebhookClient = {
  readonly url?: string;
  readonly service?: { readonly namespace?: string; readonly name?: string; readonly path?: string; readonly port?: number };
  /** PEM in base64. */
  readonly caBundle?: string;
};

export type DefinitionStatus = {
  readonly conditions?: readonly DefinitionCondition[];
  readonly acceptedNames?: DefinitionNames;
  readonly storedVersions?: readonly string[];
};

export type DefinitionCondition = {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
};

export const definitionsGroup = 'apiextensions.k8s.io';
export const definitionsResource = 'customresourcedefinitions';
/** As records are listed by. */
export const definitionsName = `${definitionsResource}.${definitionsGroup}`;
export const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** The spec of a definition that has passed the schema of its kind. */
export const specOfDefinition = (definition: KubeObject): DefinitionSpec => (definition.spec ?? {}) as unknown as DefinitionSpec;
export const statusOfDefinition = (definition: KubeObject): DefinitionStatus => (definition.status ?? {}) as unknown as DefinitionStatus;

export const storageVersionName = ({ versions }: { readonly versions: readonly Pick<DefinitionVersion, 'name' | 'storage'>[] }): string =>
  (versions.find(({ storage }) => storage) ?? versions[0])?.name ?? '';

export const isEstablished = (definition: KubeObject | undefined): boolean =>
  definition !== undefined &&
  statusOfDefinition(definition).conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;

/** Makes each version's openAPIV3Schema another one. The same definition where none changes. */
export function withSchemas(definition: JsonObject, change: (schema: JsonObject, at: string) => JsonObject): JsonObject {
  const { spec } = definition;
  if (!isJsonObject(spec) || !isJsonList(spec['versions'])) return definition;
  const versions = spec['versions'].map((version, index) => withSchema(version, (schema) => change(schema, schemaPath(index))));
  return versions.every((version, index) => version === (spec['versions'] as readonly Json[])[index])
    ? definition
    : { ...definition, spec: { ...spec, versions } };
}

const schemaPath = (index: number): string => `spec.versions[${index}].schema.openAPIV3Schema`;

function withSchema(version: Json, change: (schema: JsonObject) => JsonObject): Json {
  if (!isJsonObject(version) || !isJsonObject(version['schema'])) return version;
  const { openAPIV3Schema } = version['schema'];
  if (!isJsonObject(openAPIV3Schema)) return version;
  const changed = change(openAPIV3Schema);
  return changed === openAPIV3Schema ? version : { ...version, schema: { ...version['schema'], openAPIV3Schema: changed } };
}
