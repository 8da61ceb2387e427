import { applyConfiguration, managedAfterUpdate, type Applied, type ManagedFields, type TrackedWrite } from '../apply/field-tracking.ts';
import { difference, fieldSetOf, hasPath, noFields, type Path } from '../apply/field-set.ts';
import { decodeManaged, encodeManaged, nobody, ownerKey, readOwnerKey, type Managed } from '../apply/managed-fields.ts';
import type { OwnedFields } from '../apply/owners.ts';
import { fieldElement } from '../apply/path-element.ts';
import { objectTypeOf } from '../apply/type-of-schema.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { scaleApiVersion, scaleOf, scaleSchema, segments } from './scale.ts';
import type { ScalePaths } from '../served-kind.ts';

/**
 * A write of an object's `/scale`. Whoever owns the replicas in the object owns them in its scale, by whatever path a version has
 * them; whoever comes to own them in the scale owns them in the object, in an entry of the subresource `scale`.
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/scalehandler.go
 */
export type ScaleWrite = {
  readonly manager: string;
  /** RFC 3339. */
  readonly at: string;
  /** Of the object, in the version of the request. */
  readonly apiVersion: string;
  /** Of every version of the kind, by apiVersion; undefined for one that has no scale. */
  readonly paths: ReadonlyMap<string, ScalePaths | undefined>;
};

/** The managedFields of `present` after its scale became `scaled` by an update or a patch. Where nobody owned the replicas, nobody does. */
export function ownersAfterScale(present: KubeObject, scaled: KubeObject, write: ScaleWrite): ManagedFields {
  const before = scaleWithOwners(present, write);
  return ownersOfParent(present, managedAfterUpdate(before, jsonOf(scaled), undefined, trackedScale(write)), write);
}

/** Server-side apply on `/scale`. What is applied is the scale; `managedFields` are the object's. */
export function applyScale(present: KubeObject, config: KubeObject, write: ScaleWrite & { readonly force: boolean }): Applied {
  const live = scaleWithOwners(present, write);
  if ((live['metadata'] as JsonObject)['managedFields'] === undefined) return { type: 'untyped', message: nobodyOwnsIt };
  const applied = applyConfiguration(live, jsonOf(config), { ...trackedScale(write), force: write.force });
  if (applied.type !== 'applied') return applied;
  return { ...applied, managedFields: ownersOfParent(present, applied.managedFields, write) };
}

/** Upstream cannot say who was there before the first apply of a scale. */
const nobodyOwnsIt =
  'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1';

const replicasInScale: Path = [fieldElement('spec'), fieldElement('replicas')];
const scaleType = objectTypeOf(scaleSchema);

const trackedScale = ({ manager, at }: ScaleWrite): TrackedWrite => ({
  manager,
  at,
  apiVersion: scaleApiVersion,
  subresource: 'scale',
  versions: { typeOf: (apiVersion) => (apiVersion === scaleApiVersion ? scaleType : undefined), convert: (object) => object },
  resets: noFields,
});

/** The scale of an object as the owners of its replicas see it. */
function scaleWithOwners(present: KubeObject, write: ScaleWrite): JsonObject {
  const paths = write.paths.get(write.apiVersion);
  if (paths === undefined) throw new Error(`${write.apiVersion} has no scale`);
  const { scale } = scaleOf(present, paths);
  const { owners, times } = managedOf(present.metadata.managedFields);
  const ofReplicas = new Map<string, OwnedFields>();
  const since = new Map<string, string>();
  for (const [key, owned] of owners) {
    const path = pathIn(owned.apiVersion, write);
    if (path === undefined || !hasPath(owned.fields, path)) continue;
    const inScale = keyInScale(key);
    ofReplicas.set(inScale, { fields: fieldSetOf(replicasInScale), apiVersion: scaleApiVersion, applied: owned.applied });
    const time = times.get(key);
    if (time !== undefined) since.set(inScale, time);
  }
  const managedFields = encodeManaged({ owners: ofReplicas, times: since, read: new Map() });
  return jsonOf(managedFields === undefined ? scale : { ...scale, metadata: { ...scale.metadata, managedFields } });
}

/** An owner that is still one in the scale stays as it was; the others lose the replicas, and who is new gets them. */
function ownersOfParent(present: KubeObject, ofScale: ManagedFields, write: ScaleWrite): ManagedFields {
  const { owners, times, read } = managedOf(present.metadata.managedFields);
  const scaleOwners = new Map(managedOf(ofScale).owners);
  const left = new Map<string, OwnedFields>();
  const seen = new Set<string>();
  for (const [key, owned] of owners) {
    if (!write.paths.has(owned.apiVersion)) continue;
    const path = pathIn(owned.apiVersion, write);
    const isOwner = path !== undefined && hasPath(owned.fields, path);
    const stays = !isOwner || scaleOwners.has(keyInScale(key));
    if (isOwner && stays) seen.add(keyInScale(key));
    const fields = stays ? owned.fields : difference(owned.fields, fieldSetOf(path));
    if (fields.size > 0) left.set(key, fields === owned.fields ? owned : { ...owned, fields });
  }
  const path = pathIn(write.apiVersion, write);
  for (const [key, { fields, applied }] of scaleOwners) {
    if (path === undefined || seen.has(key) || !hasPath(fields, replicasInScale)) continue;
    const { apiVersion } = write;
    // Upstream gives it no time.
    left.set(ownerKey({ ...readOwnerKey(key), apiVersion }), { fields: fieldSetOf(path), apiVersion, applied });
  }
  return encodeManaged({ owners: left, times, read });
}

function pathIn(apiVersion: string, { paths }: ScaleWrite): Path | undefined {
  const known = paths.get(apiVersion);
  return known && segments(known.specReplicasPath).map(fieldElement);
}

const keyInScale = (key: string): string => ownerKey({ ...readOwnerKey(key), apiVersion: scaleApiVersion });
const managedOf = (managedFields: ManagedFields): Managed => decodeManaged(managedFields ?? []) ?? nobody;
const jsonOf = (object: KubeObject): JsonObject => object as unknown as JsonObject;
