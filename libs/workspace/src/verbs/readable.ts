import { holdsSecrets, type ObjectRecord } from '#account';
import { groupResource } from '#kube';
import type { AccountActor } from '../account-actor.ts';

/** The key is gone that an object's secrets were sealed with: what is left of it is neither shown as if it were whole, nor changed. */
class KeyGone extends Error {
  override readonly name = 'KeyGone';
}

/**
 * Upstream too answers for such an object with an internal error that names it, and lets it be deleted; lists and watches go on, and show what
 * is left. @throws KeyGone
 */
export function assertReadable(record: ObjectRecord | undefined, { keys }: AccountActor): void {
  if (record === undefined || !holdsSecrets(record) || !keys.knows(record.uid) || keys.holds(record.uid)) return;
  throw new KeyGone(
    `${groupResource(record.key)} ${JSON.stringify(record.name)} cannot be read: the key that its secrets were sealed with is gone; it can be deleted, and created anew`,
  );
}

/** One that is being deleted may still be let go, by its finalizers. @throws KeyGone */
export function assertChangeable(record: ObjectRecord | undefined, account: AccountActor): void {
  if (record?.deleting !== true) assertReadable(record, account);
}
