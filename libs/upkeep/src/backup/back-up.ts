import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyStore } from '#keys';
import { StreamTruncated, type EventLog, type RecordedEvent, type SnapshotStore } from '#stream';
import type { Holdings } from '../holdings.ts';
import { lineOfEvent } from './event-lines.ts';
import { writeLines } from './json-lines.ts';
import { readManifest, writeManifest, type Chunk, type Manifest, type Place } from './manifest.ts';

export type BackUpOptions = {
  /** Made where it is missing. One that holds a backup of the same log gets what is new. */
  readonly folder: string;
  readonly log: EventLog;
  readonly positions: 'counted' | 'growing';
  readonly snapshots: SnapshotStore;
  readonly keyStore: KeyStore;
  readonly holdings: Holdings;
  readonly topicPrefix: string;
  readonly now?: () => Date;
};

export type BackedUp = { readonly newEvents: number; readonly events: number; readonly head: bigint; readonly keys: number };

const chunkEventsMax = 10_000;
const chunkCharactersMax = 16_000_000;

/**
 * Copies the log as of now, its keys and what stands for forgotten beginnings. Others may go on writing.
 * @throws Error where the folder holds a backup of another log; BackupDamaged; LogUnavailable
 */
export async function backUp(options: BackUpOptions): Promise<BackedUp> {
  const { folder, log, holdings, now = () => new Date() } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before = await readManifest(folder);
  if (before) await assertSameLog(before, options);
  // Read first, neither can be ahead of the log.
  const cut = await copyCut(options, `cut-${now().getTime()}.jsonl.zst`);
  const checkpoints = Object.fromEntries([...(await holdings.checkpoints())].map(([follower, position]) => [follower, `${position}`]));
  const head = await log.headOfAll();
  const { chunks, last } = await copyEvents(options, before, head);
  const manifest: Manifest = {
    format: 1,
    positions: options.positions,
    startedAt: before?.startedAt ?? now().toISOString(),
    updatedAt: now().toISOString(),
    last,
    chunks,
    // Keys are made before the events that they seal: read last, none is missing.
    keys: await copyKeys(options, `keys-${now().getTime()}.jsonl.zst`),
    cut,
    topicPrefix: options.topicPrefix,
    checkpoints,
  };
  await writeManifest(folder, manifest);
  await removeUnnamed(folder, manifest);
  const events = eventsIn(chunks);
  return { newEvents: events - eventsIn(before?.chunks ?? []), events, head: BigInt(last?.position ?? 0), keys: manifest.keys.keys };
}

/** A key that was destroyed must not stay behind, in the file of an earlier run or of one that was cut short. */
async function removeUnnamed(folder: string, { chunks, keys, cut }: Manifest): Promise<void> {
  const named = new Set([...chunks, keys, cut].map(({ file }) => file));
  for (const file of await readdir(folder))
    if (/^(log|keys|cut)-\d+\.jsonl\.zst(\.new)?$/.test(file) && !named.has(file)) await rm(join(folder, file), { force: true });
}

const eventsIn = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { events }) => sum + events, 0);

async function assertSameLog({ last, positions }: Manifest, options: BackUpOptions): Promise<void> {
  const other = new Error(`${options.folder} holds a backup of another log; name another folder`);
  if (positions !== options.positions || BigInt(last?.position ?? 0) > (await options.log.headOfAll())) throw other;
  if (!last) return;
  try {
    for await (const { id, position } of options.log.readStream(last.stream, BigInt(last.revision))) {
      if (id === last.id && `${position}` === last.position) return;
      throw other;
    }
    throw other;
  } catch (failure) {
    // What was truncated since cannot be compared.
    if (!(failure instanceof StreamTruncated)) throw failure;
  }
}

async function copyEvents({ folder, log }: BackUpOptions, before: Manifest | undefined, head: bigint) {
  const chunks: Chunk[] = [...(before?.chunks ?? [])];
  let last: Place | null = before?.last ?? null;
  let gathered: RecordedEvent[] = [];
  let characters = 0;
  const write = async (): Promise<void> => {
    const [first, end] = [gathered[0], gathered.at(-1)];
    if (!first || !end) return;
    const file = `log-${String(chunks.length + 1).padStart(8, '0')}.jsonl.zst`;
    const stored = await writeLines(folder, file, gathered.map(lineOfEvent));
    chunks.push({ ...stored, events: gathered.length, from: `${first.position}`, to: `${end.position}` });
    last = { stream: end.stream, revision: `${end.revision}`, position: `${end.position}`, id: end.id };
    [gathered, characters] = [[], 0];
  };
  for await (const recorded of log.readAll(BigInt(last?.position ?? 0))) {
    if (recorded.position > head) break;
    gathered.push(recorded);
    characters += recorded.data.length;
    if (gathered.length >= chunkEventsMax || characters >= chunkCharactersMax) await write();
  }
  await write();
  return { chunks, last };
}

async function copyKeys({ folder, keyStore }: BackUpOptions, file: string): Promise<Manifest['keys']> {
  const lines: string[] = [];
  let destroyed = 0;
  for await (const key of keyStore.all()) lines.push(JSON.stringify(key));
  const keys = lines.length;
  for await (const { account, uid } of keyStore.destroyed()) {
    lines.push(JSON.stringify({ destroyed: { account, uid } }));
    destroyed += 1;
  }
  return { ...(await writeLines(folder, file, lines)), keys, destroyed };
}

/** One line of the file of forgotten beginnings. */
export type CutLine = {
  readonly stream: string;
  readonly head: string;
  readonly snapshot: { readonly revision: string; readonly shape: number; readonly text: string };
};

/** A snapshot is copied where the log alone would not be enough. */
async function copyCut(options: BackUpOptions, file: string): Promise<Manifest['cut']> {
  const { folder, log, snapshots, holdings } = options;
  const lines: string[] = [];
  for await (const stream of holdings.snapshotStreams()) {
    if (!(await isCut(log, stream))) continue;
    const snapshot = await snapshots.load(stream);
    if (!snapshot) continue;
    const head = await log.head(stream);
    lines.push(JSON.stringify({ stream, head: `${head}`, snapshot: { ...snapshot, revision: `${snapshot.revision}` } } satisfies CutLine));
  }
  return { ...(await writeLines(folder, file, lines)), streams: lines.length };
}

async function isCut(log: EventLog, stream: string): Promise<boolean> {
  try {
    for await (const _ of log.readStream(stream, 0n)) return false;
    return false;
  } catch (failure) {
    if (failure instanceof StreamTruncated) return true;
    throw failure;
  }
}
