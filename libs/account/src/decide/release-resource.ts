import type { JsonObject, KubeObject, ResourceKey } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { changed } from './object-event.ts';
import { mayGo } from './revise-resource.ts';

/** The mesh has done its part of an object's deletion: its finalizer goes, and with the last one the object. */
export type ReleaseResource = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly finalizer: string;
  readonly by: EventAuthor;
  /** How many events of the same decision come before. */
  readonly ahead?: number;
};

/** Accepts nothing where the object is gone, is not being deleted, or does not have the finalizer. */
export function releaseResource(
  { key, uid, finalizer, by, ahead = 0 }: ReleaseResource,
  account: AccountState,
): Decision<AccountEvent, never> {
  const record = account.find(key);
  if (!record || record.uid !== uid || !record.deleting) return accept();
  const released = without(record.object, finalizer);
  if (released === record.object) return accept();
  return accept(changed(mayGo(released) ? 'ResourceRemoved' : 'MetadataRevised', record, released, { account, by, ahead }));
}

/** The object without a finalizer, in metadata or (namespaces) in spec; the same object where it has none such. */
function without(object: KubeObject, finalizer: string): KubeObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) {
    const { finalizers: _, ...metadata } = object.metadata;
    const rest = finalizers.filter((known) => known !== finalizer);
    return { ...object, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata };
  }
  const spec = object.spec as (JsonObject & { finalizers?: readonly string[] }) | undefined;
  if (!spec?.finalizers?.includes(finalizer)) return object;
  const { finalizers: specFinalizers, ...specRest } = spec;
  const rest = specFinalizers.filter((known) => known !== finalizer);
  return { ...object, spec: rest.length > 0 ? { ...specRest, finalizers: rest } : specRest };
}
