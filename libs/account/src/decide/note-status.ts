import { equalJson, type JsonObject, type KubeObject, type ResourceKey, type ServedKind } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { changed } from './object-event.ts';
import { storageVersionOf, withMeshStatus } from './track-fields.ts';

/** The mesh itself has something to say about one of its own objects, such as an Account whose workspace is ready. */
export type NoteStatus = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly kind: ServedKind;
  readonly status: (object: KubeObject) => JsonObject;
  readonly by: EventAuthor;
};

/** Accepts nothing where the object is gone, is another one by now, or says so already. */
export function noteStatus({ key, uid, kind, status, by }: NoteStatus, account: AccountState): Decision<AccountEvent, never> {
  const record = account.find(key);
  if (!record || record.uid !== uid) return accept();
  const { object } = record;
  const next = status(object);
  if (equalJson(object.status, next)) return accept();
  const noted = withMeshStatus(object, next, { kind, version: storageVersionOf(kind), by });
  return accept(changed('StatusReported', record, noted, { account, by }));
}
