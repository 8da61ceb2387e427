import { clusterOfStream, sealedUidsIn, snapshotShape } from '#account';
import { Keys, MemoryKeyStore, type DestroyedKey, type KeyStore, type MasterKeys, type WrappedKey } from '#keys';
import { intactText, type CheckpointStore, type EventLog, type RecordedEvent, type SnapshotStore } from '#stream';
import type { CutLine } from './back-up.ts';
import { readLines } from './json-lines.ts';
import { leaveTopics, topicsToLeave, type Topics } from './left-topics.ts';
import type { LogWriter } from './log-writer.ts';
import { BackupDamaged, readManifest, type Manifest } from './manifest.ts';
import { eventsOf, survey, type Survey, type Until } from './survey.ts';

export type RestoreOptions = {
  readonly folder: string;
  readonly until: Until;
  /** A newer backup: what was destroyed by then does not come back. */
  readonly destroyedKeysFolder?: string | undefined;
  readonly log: EventLog;
  /** Writes what comes from a log that counts its positions, or does not. */
  readonly writerOf: (positions: Manifest['positions']) => LogWriter;
  readonly snapshots: SnapshotStore;
  readonly checkpoints: CheckpointStore;
  readonly keyStore: KeyStore;
  readonly masterKeys: MasterKeys;
  /** What it is to use from now on. */
  readonly topics: Topics;
};

export type Restored = {
  readonly events: number;
  /** The last position of the backed-up log that is here now. */
  readonly end: bigint;
  readonly isWhole: boolean;
  readonly keys: number;
  /** Keys of the backup that were left out, because what they sealed was removed. */
  readonly keysLeftOut: number;
};

/** Followers whose work stands in the log itself: when all of it is there, they need not look at it again. */
const policyFollowers = ['policy', 'patience'];
const destroyedAtOnce = 1_000;

/** Puts a backup into an installation that holds nothing. @throws Error that says what is in the way; BackupDamaged */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { folder, log, keyStore } = options;
  const manifest = await manifestOf(folder);
  const writer = options.writerOf(manifest.positions);
  if ((await log.headOfAll()) > 0n) throw new Error('there are events already: only an empty installation can be restored to');
  for await (const _ of keyStore.all()) throw new Error('there are keys already: only an empty installation can be restored to');
  const { keys, destroyed } = await readKeys(folder, manifest);
  await assertOpens(keys, options.masterKeys);
  if (options.destroyedKeysFolder !== undefined) {
    const newer = options.destroyedKeysFolder;
    destroyed.push(...(await readKeys(newer, await manifestOf(newer))).destroyed);
  }
  const cut = (await readLines(folder, manifest.cut)).map((line) => JSON.parse(line) as CutLine);
  const surveyed = await survey(folder, manifest, options.until);
  const left = topicsToLeave(manifest, surveyed.isWhole && writer.keepsPositions, options.topics);
  destroyed.push(...surveyed.removed);
  for (let from = 0; from < destroyed.length; from += destroyedAtOnce)
    await keyStore.destroyToo(destroyed.slice(from, from + destroyedAtOnce));
  const kept = keysToKeep(keys, destroyed, new Set([...surveyed.sealed, ...sealedInCut(cut)]));
  await Promise.all(kept.map((key) => keyStore.save(key)));
  const { events, moved } = await writeEvents({ folder, writer }, manifest, surveyed);
  await writer.finish(await restoreCut(options.snapshots, cut, surveyed));
  await leaveTopics(left, options.checkpoints);
  if (surveyed.isWhole)
    for (const follower of policyFollowers) if (moved.has(follower)) await options.checkpoints.save(follower, moved.get(follower) ?? 0n);
  return { events, end: surveyed.end, isWhole: surveyed.isWhole, keys: kept.length, keysLeftOut: keys.length - kept.length };
}

/** @throws Error where the folder holds no backup; BackupDamaged */
export async function manifestOf(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (!manifest) throw new Error(`there is no backup in ${folder}`);
  return manifest;
}

type KeyLine = WrappedKey | { readonly destroyed: DestroyedKey };

async function readKeys(folder: string, manifest: Manifest): Promise<{ readonly keys: WrappedKey[]; readonly destroyed: DestroyedKey[] }> {
  const keys: WrappedKey[] = [];
  const destroyed: DestroyedKey[] = [];
  for (const line of await readLines(folder, manifest.keys)) {
    const read = JSON.parse(line) as KeyLine;
    if ('destroyed' in read) destroyed.push(read.destroyed);
    else keys.push(read);
  }
  if (keys.length !== manifest.keys.keys) throw new BackupDamaged(`${manifest.keys.file} holds ${keys.length} keys`);
  return { keys, destroyed };
}

/** Without its master keys a backup's secrets are lost: better to learn it before. */
async function assertOpens(keys: readonly WrappedKey[], masterKeys: MasterKeys): Promise<void> {
  const store = new MemoryKeyStore();
  const opening = Keys.over({ store, readMasterKeys: () => Promise.resolve(masterKeys) }, masterKeys);
  const masters = new Map(keys.map((key) => [key.masterKey, key]));
  for (const key of masters.values()) {
    await store.save(key);
    await opening.find(key.account, key.uid).catch((cause: unknown) => {
      throw new Error(`the master key file does not belong to this backup: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    });
  }
}

function keysToKeep(keys: readonly WrappedKey[], destroyed: readonly DestroyedKey[], sealed: ReadonlySet<string>): readonly WrappedKey[] {
  const gone = new Set(destroyed.map(({ account, uid }) => `${account}/${uid}`));
  return keys.filter(({ account, uid }) => account === '' || (sealed.has(`${account}/${uid}`) && !gone.has(`${account}/${uid}`)));
}

async function writeEvents(
  { folder, writer }: { readonly folder: string; readonly writer: LogWriter },
  manifest: Manifest,
  { end, begins }: Survey,
) {
  const moved = new Map<string, bigint>();
  let events = 0;
  for await (const chunk of eventsOf(folder, manifest)) {
    const wanted = chunk.filter(({ stream, revision, position }) => position <= end && revision >= (begins.get(stream) ?? 0n));
    const positions = await writer.write(wanted);
    events += wanted.length;
    follow(moved, manifest, wanted, positions);
    if ((chunk.at(-1)?.position ?? 0n) > end) break;
  }
  return { events, moved };
}

/** Where each follower stands now: at the new position of the last event that it had reached. */
function follow(moved: Map<string, bigint>, manifest: Manifest, events: readonly RecordedEvent[], positions: readonly bigint[]): void {
  for (const [follower, reached] of Object.entries(manifest.checkpoints)) {
    const last = events.findLastIndex(({ position }) => position <= BigInt(reached));
    if (last >= 0) moved.set(follower, positions[last] ?? 0n);
  }
}

/** Snapshots of what has forgotten its beginning. Answers the heads of streams of which nothing else is left. */
async function restoreCut(snapshots: SnapshotStore, cut: readonly CutLine[], { heads, isWhole }: Survey) {
  const forgotten = new Map<string, bigint>();
  for (const { stream, head, snapshot } of cut) {
    const revision = BigInt(snapshot.revision);
    const last = heads.get(stream);
    if (last === undefined && isWhole) forgotten.set(stream, BigInt(head));
    // One of a later state than the restored is no use.
    if (last === undefined ? isWhole : revision <= last) await snapshots.save(stream, { ...snapshot, revision });
  }
  return forgotten;
}

/** What snapshots hold that events do not tell any more. */
function* sealedInCut(cut: readonly CutLine[]): Generator<string> {
  for (const { stream, snapshot } of cut) {
    const text = snapshot.shape === snapshotShape ? intactText(snapshot.text) : undefined;
    for (const uid of text === undefined ? [] : sealedUidsIn(text)) yield `${clusterOfStream(stream)}/${uid}`;
  }
}
