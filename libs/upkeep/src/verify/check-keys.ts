import { setTimeout as pause } from 'node:timers/promises';
import { decodeEvent, streamOf } from '#account';
import type { KeyStore, Keys, WrappedKey } from '#keys';
import { noRevision, type EventLog } from '#stream';
import type { CheckedAccount } from './check-account.ts';
import { messageOf, type Report } from './finding.ts';

export type KeySources = {
  readonly log: EventLog;
  readonly keyStore: KeyStore;
  readonly keys: Keys;
  /** How far the policy has come, which destroys the keys of what was removed. */
  readonly policyAt: bigint;
  readonly report: Report;
};

const patienceMs = 5_000;
const lookAgainMs = 100;

export type KeyIndex = {
  /** The uids of each account that has keys. */
  readonly present: ReadonlyMap<string, ReadonlySet<string>>;
  readonly destroyed: ReadonlySet<string>;
};

/** Which keys there are, and that each of them can be opened. */
export async function indexKeys({ keyStore, keys, report }: Pick<KeySources, 'keyStore' | 'keys' | 'report'>): Promise<KeyIndex> {
  const present = new Map<string, Set<string>>();
  for await (const key of keyStore.all()) {
    if (key.account !== '') present.set(key.account, (present.get(key.account) ?? new Set()).add(key.uid));
    await keys.find(key.account, key.uid).catch((failure: unknown) => report(unusable(key, failure)));
  }
  const destroyed = new Set<string>();
  for await (const { account, uid } of keyStore.destroyed()) destroyed.add(`${account}/${uid}`);
  return { present, destroyed };
}

/** A key whose object is not to be seen. `revision` is how far the account was read. */
export type LoneKey = { readonly cluster: string; readonly uid: string; readonly revision: bigint };

/** Every sealed object that is there has its key, unless that was destroyed on purpose. Answers the keys that have no object. */
export function checkKeys(
  cluster: string,
  account: CheckedAccount | undefined,
  { present, destroyed }: KeyIndex,
  { report, policyAt }: Pick<KeySources, 'report' | 'policyAt'>,
): readonly LoneKey[] {
  const stream = streamOf(cluster);
  for (const uid of account?.unopened ?? [])
    if (account?.state.findByUid(uid) && !destroyed.has(`${cluster}/${uid}`))
      report({ type: 'key-missing', stream, says: `the key of ${uid} is not there, and nobody has destroyed it` });
  const revision = account?.state.revision ?? noRevision;
  return (
    [...(present.get(cluster) ?? [])]
      .filter((uid) => !account?.state.findByUid(uid))
      // Where the removal was seen, the turn of its key may be yet to come.
      .filter((uid) => (account?.removedAt.get(uid) ?? 0n) <= policyAt)
      .map((uid) => ({ cluster, uid, revision }))
  );
}

/** Keys are made before their objects' first events, and destroyed when these are refused: of a live installation, some have none yet. */
export async function judgeLoneKeys(lone: readonly LoneKey[], sources: Pick<KeySources, 'log' | 'keyStore' | 'report'>): Promise<void> {
  let left = lone;
  for (const deadline = performance.now() + patienceMs; left.length > 0; await pause(lookAgainMs)) {
    const still: LoneKey[] = [];
    for (const key of left) if (await isLone(key, sources)) still.push(key);
    left = still;
    if (performance.now() > deadline) break;
  }
  for (const { cluster, uid } of left)
    sources.report({ type: 'key-without-object', stream: streamOf(cluster), says: `there is a key for ${uid}, and no such object` });
}

async function isLone({ cluster, uid, revision }: LoneKey, { log, keyStore }: Pick<KeySources, 'log' | 'keyStore'>): Promise<boolean> {
  if (!(await keyStore.find(cluster, uid))) return false;
  for await (const { data } of log.readStream(streamOf(cluster), revision + 1n)) {
    const event = decodeEvent(data);
    if ('uid' in event && event.uid === uid) return false;
  }
  return true;
}

const unusable = ({ account, uid }: WrappedKey, failure: unknown): Parameters<Report>[0] => ({
  type: 'key-unusable',
  ...(account === '' ? {} : { stream: streamOf(account) }),
  says: `the key ${account === '' ? uid : `of ${uid}`} cannot be opened: ${messageOf(failure)}`,
});
