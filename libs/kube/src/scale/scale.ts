import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { isNumeric } from '../schema/go-text.ts';
import { isJsonObject, setOwn } from '../schema/json-shape.ts';
import type { PrinterColumn, ScalePaths } from '../served-kind.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/ */
export const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const;

export const scaleApiVersion = `${scaleKind.group}/${scaleKind.version}`;

/** What a Scale says beside its metadata. */
export const scaleSchema: JsonObject = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

/** An object as its `/scale` shows it. `isSet`: whether it says how many replicas are wanted. */
export function scaleOf(object: KubeObject, paths: ScalePaths): { readonly scale: KubeObject; readonly isSet: boolean } {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const wanted = valueAt(object as unknown as JsonObject, paths.specReplicasPath);
  const present = valueAt(object as unknown as JsonObject, paths.statusReplicasPath);
  const selector = paths.labelSelectorPath ? valueAt(object as unknown as JsonObject, paths.labelSelectorPath) : undefined;
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    creationTimestamp: creationTimestamp ?? null,
  };
  const scale: KubeObject = {
    kind: scaleKind.kind,
    apiVersion: scaleApiVersion,
    metadata,
    // Go leaves out a zero here, and writes one below.
    spec: isNumeric(wanted) && wanted !== 0 ? { replicas: wanted } : {},
    status: {
      replicas: isNumeric(present) ? present : 0,
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  };
  return { scale, isSet: isNumeric(wanted) };
}

/** Upstream's sign that an object does not say how many replicas are wanted: a patch may put a number in its place. */
const replicasUnset = -2_147_483_648;

/** An object's scale as patches see it. */
export function patchedScaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { scale, isSet } = scaleOf(object, paths);
  return isSet ? scale : { ...scale, spec: { replicas: replicasUnset } };
}

/** Why nobody can be scaled so. The words are upstream's: apiextensions-apiserver pkg/registry/customresource/etcd.go. */
export function scaleFault(scale: KubeObject, { specReplicasPath }: ScalePaths): string | undefined {
  const { replicas } = (scale.spec ?? {}) as { readonly replicas?: unknown };
  return replicas === replicasUnset ? `the spec replicas field ${JSON.stringify(specReplicasPath)} cannot be empty` : undefined;
}

/** The object with the replicas that a scale wants, and with the resourceVersion that it names, which may be stale. */
export function withScale(object: KubeObject, scale: KubeObject, { specReplicasPath }: ScalePaths): KubeObject {
  const { replicas = 0 } = (scale.spec ?? {}) as { readonly replicas?: number };
  const scaled = withValue(object as unknown as JsonObject, segments(specReplicasPath), replicas) as unknown as KubeObject;
  const { resourceVersion } = scale.metadata;
  return resourceVersion ? { ...scaled, metadata: { ...scaled.metadata, resourceVersion } } : scaled;
}

export const scaleColumns: readonly PrinterColumn[] = [
  { name: 'Desired', type: 'integer', description: 'Number of desired replicas', jsonPath: '.spec.replicas' },
  { name: 'Available', type: 'integer', description: 'Number of actual replicas', jsonPath: '.status.replicas' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

export const segments = (path: string): readonly string[] => path.replace(/^\./, '').split('.');

function valueAt(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const name of segments(path)) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function withValue(object: Json | undefined, [name, ...rest]: readonly string[], value: Json): Json {
  if (name === undefined) return value;
  const copy: Record<string, Json> = {};
  const known = isJsonObject(object) ? object : {};
  for (const [key, field] of Object.entries(known)) if (field !== undefined) setOwn(copy, key, field);
  setOwn(copy, name, withValue(Object.hasOwn(known, name) ? known[name] : undefined, rest, value));
  return copy;
}
