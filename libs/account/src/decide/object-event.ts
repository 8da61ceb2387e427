import { secretFieldsOf, type KubeObject, type ObjectMeta, type ServedKind } from '#kube';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import type { ObjectRecord } from '../object-record.ts';
import { allSecretFields } from '../sealing.ts';
import { textOf } from '../text-of.ts';
import { bytesMax } from './refusals.ts';

type ObjectEventType = 'ResourceDeclared' | 'SpecRevised' | 'MetadataRevised' | 'DeletionRequested' | 'ResourceRemoved';

type Changing = {
  readonly account: AccountState;
  readonly by: EventAuthor;
  /** How many events of the same decision come before this one. */
  readonly ahead?: number;
  /** Whose schema says which fields are secret from now on. Absent where nobody but the mesh writes. */
  readonly kind?: ServedKind;
};

/** A change of a known object, as news. */
export function changed(
  type: ObjectEventType | 'StatusReported',
  record: ObjectRecord,
  object: KubeObject,
  { account, by, ahead = 0, kind }: Changing,
): Extract<AccountEvent, { readonly was?: string }> {
  const { key, uid, provider } = record;
  const stamped = stamp(object, account, ahead);
  const disowned = record.owners.length > 0 ? disownedBy(record.object, object) : [];
  const secretFields = kind ? allSecretFields(record.secretFields, secretFieldsOf(kind)) : record.secretFields;
  const parts = {
    ...(provider ? { provider } : {}),
    ...(secretFields ? { secretFields } : {}),
    ...(disowned.length > 0 ? { disowned } : {}),
  };
  return { type, key, uid, object: stamped, was: String(record.position), ...parts, by };
}

/** The owners that an object no longer names, or no longer blocks. */
function disownedBy({ metadata: before }: KubeObject, { metadata: after }: KubeObject): readonly string[] {
  if (before.ownerReferences === after.ownerReferences) return [];
  const now = new Map(after.ownerReferences?.map((reference) => [reference.uid, reference]));
  return (before.ownerReferences ?? [])
    .filter(({ uid, blockOwnerDeletion }) => !now.has(uid) || (blockOwnerDeletion === true && now.get(uid)?.blockOwnerDeletion !== true))
    .map(({ uid }) => uid);
}

/** The object, without the owners of its fields where only they make it larger than what is kept. */
export function fitting(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined || bytesOf(object) <= bytesMax) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** How many bytes its text has. Not counted where the text is so short that it is certain to fit: then an upper bound. */
export function bytesOf(object: KubeObject): number {
  const { length } = textOf(object);
  return length * bytesPerCharacterMax <= bytesMax ? length * bytesPerCharacterMax : Buffer.byteLength(textOf(object));
}

const bytesPerCharacterMax = 3;

/** The object with the resourceVersion that its event will get, and with the name of the cluster it lives in. */
export function stamp(object: KubeObject, account: AccountState, ahead: number): KubeObject {
  const { annotations, resourceVersion: _, ...metadata } = object.metadata;
  const stamped: ObjectMeta = {
    ...metadata,
    annotations: { ...annotations, 'kcp.io/cluster': account.cluster },
    resourceVersion: String(account.revision + 2n + BigInt(ahead)),
  };
  return { ...object, metadata: stamped };
}
