import type { JsonObject, KubeObject } from '#kube';

const group = 'apis.kcp.io';

/** APIExport between v1alpha1 (names of schemas) and v1alpha2 (resources). https://docs.kcp.io/kcp/latest/concepts/apis/exporting-apis/ */
export function convertApiExport(object: KubeObject, toVersion: string): KubeObject {
  const spec = (object.spec ?? {}) as JsonObject;
  if (toVersion === 'v1alpha1') {
    const { resources, ...rest } = spec;
    const latestResourceSchemas = objects(resources).map(({ schema }) => schema as string);
    return {
      ...object,
      apiVersion: `${group}/v1alpha1`,
      spec: { ...(latestResourceSchemas.length > 0 ? { latestResourceSchemas } : {}), ...withClaims(rest, claimToV1) },
    };
  }
  const { latestResourceSchemas, ...rest } = spec;
  const resources = ((latestResourceSchemas ?? []) as readonly string[]).map(resourceOfSchemaName);
  return {
    ...object,
    apiVersion: `${group}/v1alpha2`,
    spec: { ...(resources.length > 0 ? { resources } : {}), ...withClaims(rest, claimToV2) },
  };
}

/** APIBinding between v1alpha1 (claims of all objects or named ones) and v1alpha2 (claims with verbs and selectors). */
export function convertApiBinding(object: KubeObject, toVersion: string): KubeObject {
  const spec = (object.spec ?? {}) as JsonObject;
  return { ...object, apiVersion: `${group}/${toVersion}`, spec: withClaims(spec, toVersion === 'v1alpha1' ? claimToV1 : claimToV2) };
}

/** `v1.httpbins.orchestrate.platform-mesh.io` is the schema of httpbins in the group orchestrate.platform-mesh.io. */
function resourceOfSchemaName(schema: string): JsonObject {
  const [, name = '', ...rest] = schema.split('.');
  return { group: rest.join('.'), name, schema, storage: { crd: {} } };
}

function withClaims(spec: JsonObject, convert: (claim: JsonObject) => JsonObject): JsonObject {
  return spec['permissionClaims'] === undefined ? spec : { ...spec, permissionClaims: objects(spec['permissionClaims']).map(convert) };
}

function claimToV1({ verbs: _, selector, defaultSelector: __, ...rest }: JsonObject): JsonObject {
  const matchAll = selector === undefined || (selector as JsonObject)['matchAll'] === true;
  return matchAll ? { ...rest, all: true } : rest;
}

function claimToV2({ all, resourceSelector: _, ...rest }: JsonObject): JsonObject {
  return { ...rest, verbs: rest['verbs'] ?? ['*'], ...(all === true ? { selector: { matchAll: true } } : {}) };
}

const objects = (list: unknown): readonly JsonObject[] => (Array.isArray(list) ? (list as JsonObject[]) : []);
