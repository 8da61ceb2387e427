import type { AccountEvent, AccountState } from '#account';
import type { KeyRing } from '#keys';

/** What is decided waits until the key is there that its object is to be sealed with. */
export const keyAwaited = Symbol('key awaited');

/**
 * The uid of an object with marked fields that has no key yet: it is new, or its schema marks fields only now. One that had a key and
 * has none any more is not given another, which would not open what stands in the log.
 */
export function keylessIn(events: readonly AccountEvent[], state: AccountState, keys: KeyRing): string | undefined {
  for (const event of events) {
    if (!('secretFields' in event) || event.secretFields === undefined || keys.holds(event.uid)) continue;
    const isLost = keys.knows(event.uid) && state.findByUid(event.uid)?.secretFields !== undefined;
    if (!isLost) return event.uid;
  }
  return undefined;
}
