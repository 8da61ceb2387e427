import {
  fieldsReset,
  fieldTypeOf,
  managedAfterUpdate,
  type JsonObject,
  type KubeObject,
  type ManagedFields,
  type ServedKind,
  type ServedVersion,
  type TrackedWrite,
  type Versions,
  withEntry,
} from '#kube';
import { inVersion } from '../admission.ts';
import type { EventAuthor } from '../events.ts';

/** Who writes what through which endpoint, for the ownership of fields. */
export type Writing = {
  readonly kind: ServedKind;
  /** Of the request; owners' fields are counted in it. */
  readonly version: ServedVersion;
  readonly by: Pick<EventAuthor, 'fieldManager' | 'at'>;
  readonly subresource?: 'status' | 'finalize' | undefined;
};

/** The object, which was just created or changed, with the owners of its fields. `sent`: what the client says of them. */
export function withOwners(live: KubeObject | undefined, next: KubeObject, writing: Writing, sent?: unknown): KubeObject {
  const { kind, version } = writing;
  const before = live && inVersion(kind, live, version.name);
  const after = inVersion(kind, next, version.name);
  const said = sent === live?.metadata.managedFields ? undefined : sent;
  return withManagedFields(next, managedAfterUpdate(before && jsonOf(before), jsonOf(after), said, trackedWrite(writing)));
}

/** What the mesh itself has written into a status: by the manager `tributary`, whoever caused it. */
export function withMeshStatus(object: KubeObject, status: KubeObject['status'], { kind, version, by }: Writing): KubeObject {
  return withOwners(object, { ...object, status } as KubeObject, {
    kind,
    version,
    by: { ...by, fieldManager: meshManager },
    subresource: 'status',
  });
}

/**
 * As `withMeshStatus`, for a new object and the status that all instances of its version begin with: which fields these are is found
 * out once.
 */
export function withWaitingStatus(object: KubeObject, status: KubeObject['status'], writing: Writing): KubeObject {
  const { kind, version, by } = writing;
  const owners = object.metadata.managedFields ?? [];
  // An object without owners is one whose owners nobody wants to know; of too many the oldest are put together.
  if (owners.length === 0 || owners.length >= updatersMax || owners.some(isMesh)) return withMeshStatus(object, status, writing);
  const fieldsV1 = waitingFields.get(version);
  if (fieldsV1 === undefined) return remembered(withMeshStatus(object, status, writing), version);
  const entry = {
    manager: meshManager,
    operation: 'Update',
    apiVersion: apiVersionOf(kind, version.name),
    time: `${by.at.slice(0, 19)}Z`,
    fieldsType: 'FieldsV1',
    fieldsV1,
    subresource: 'status',
  };
  return { ...object, status, metadata: { ...object.metadata, managedFields: withEntry(owners, entry) } } as KubeObject;
}

const meshManager = 'tributary';
const updatersMax = 10;
const waitingFields = new WeakMap<ServedVersion, JsonObject>();

function remembered(object: KubeObject, version: ServedVersion): KubeObject {
  const fields = object.metadata.managedFields?.find(isMesh)?.['fieldsV1'];
  if (fields) waitingFields.set(version, fields as JsonObject);
  return object;
}

const isMesh = ({ manager, subresource }: JsonObject): boolean => manager === meshManager && subresource === 'status';

/** An object that the mesh itself puts into a workspace. */
export function ownedByMesh({ status, ...object }: KubeObject, kind: ServedKind, by: Writing['by']): KubeObject {
  const writing = { kind, version: storageVersionOf(kind), by };
  const owned = withOwners(undefined, object as KubeObject, writing);
  return status === undefined ? owned : withMeshStatus(owned, status, writing);
}

export function withManagedFields(object: KubeObject, managedFields: ManagedFields): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}

export function trackedWrite({ kind, version, by, subresource }: Writing): TrackedWrite {
  return {
    manager: by.fieldManager,
    apiVersion: apiVersionOf(kind, version.name),
    subresource: subresource ?? '',
    at: by.at,
    versions: versionsOf(kind),
    resets: fieldsReset(fieldTypeOf(version.schema), subresource ?? '', version.statusSubresource),
  };
}

export function storageVersionOf(kind: ServedKind): ServedVersion {
  const version = kind.versions.find(({ name }) => name === kind.storageVersion) ?? kind.versions[0];
  if (!version) throw new Error(`${kind.resource} has no versions`);
  return version;
}

const known = new WeakMap<ServedKind, Versions>();

function versionsOf(kind: ServedKind): Versions {
  let versions = known.get(kind);
  if (!versions) {
    const byApiVersion = new Map(kind.versions.map((version) => [apiVersionOf(kind, version.name), version]));
    versions = {
      typeOf: (apiVersion) => {
        const version = byApiVersion.get(apiVersion);
        return version && fieldTypeOf(version.schema);
      },
      convert: (object, apiVersion) =>
        jsonOf(inVersion(kind, object as unknown as KubeObject, apiVersion.slice(apiVersion.indexOf('/') + 1))),
    };
    known.set(kind, versions);
  }
  return versions;
}

export const apiVersionOf = ({ group }: ServedKind, version: string): string => (group === '' ? version : `${group}/${version}`);

const jsonOf = (object: KubeObject): JsonObject => object as unknown as JsonObject;
