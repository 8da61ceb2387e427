import {
  AccountState,
  decodeEvent,
  encodeEvent,
  evolve,
  holdsSecrets,
  restoreSnapshot,
  sealedUidOf,
  sealedUidsIn,
  snapshotShape,
  takeSnapshot,
  type AccountEvent,
  type ObjectChange,
} from '#account';
import type { KeyRing } from '#keys';
import type { ActorFold } from '#stream';

type AccountFold = ActorFold<AccountState, AccountEvent, ObjectChange | undefined>;

/**
 * How an account is made of its stream. Secrets are in clear in the account's memory only: they are sealed on their way to the log and opened
 * on their way back.
 */
export function accountFold(keys: KeyRing): AccountFold {
  return {
    ...plainFold,
    encode(event) {
      const written = { type: event.type, data: encodeEvent(event, keys) };
      // Whoever follows the log sees of a sealed object what stands in the log.
      return 'key' in event && holdsSecrets(event) ? written : { ...written, decoded: event };
    },
    decode: (text) => decodeEvent(text, keys),
    takeSnapshot: (state) => takeSnapshot(state, keys),
    restoreSnapshot: (text) => restoreSnapshot(text, keys),
    prepare: (text, form) => (form === 'event' ? fetchKey(keys, text) : fetchKeys(keys, sealedUidsIn(text))),
  };
}

const plainFold = {
  initial: () => new AccountState(),
  evolve,
  fork: (state: AccountState) => state.fork(),
  absorb: (state: AccountState, fork: AccountState) => state.absorb(fork),
  snapshotShape,
  isOver: (state: AccountState) => state.phase === 'closed',
};

/** Gets the key that the text of an event is sealed with, unless it is known or nothing is sealed. */
export function fetchKey(keys: KeyRing, event: string): Promise<void> | undefined {
  const uid = sealedUidOf(event);
  return uid === undefined || keys.knows(uid) ? undefined : keys.fetch(uid);
}

async function fetchKeys(keys: KeyRing, uids: readonly string[]): Promise<void> {
  for (const uid of uids) if (!keys.knows(uid)) await keys.fetch(uid);
}
