import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What a backup's folder holds. Written last and in one piece: a file that it does not name is the rest of a run that was cut short. */
export type Manifest = {
  readonly format: 1;
  /** Whether the log counted its positions without gaps. */
  readonly positions: 'counted' | 'growing';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly updatedAt: string;
  /** The last event: a later run goes on behind it, where it is still the same log. */
  readonly last: Place | null;
  readonly chunks: readonly Chunk[];
  /** Wrapped keys and the names of destroyed ones, as of the last run. No older ones are kept. */
  readonly keys: StoredFile & { readonly keys: number; readonly destroyed: number };
  /** What stands for streams that have forgotten their beginning. */
  readonly cut: StoredFile & { readonly streams: number };
  /** What the names of its topics began with. Absent in backups of before it was noted. */
  readonly topicPrefix?: string;
  /** How far each follower had come at the last run. */
  readonly checkpoints: Readonly<Record<string, string>>;
};

export type Place = { readonly stream: string; readonly revision: string; readonly position: string; readonly id: string };

export type StoredFile = {
  readonly file: string;
  /** Hex, of the file as it stands. */
  readonly sha256: string;
};

/** Events in the order of their positions. */
export type Chunk = StoredFile & { readonly events: number; readonly from: string; readonly to: string };

const name = 'manifest.json';

/** @throws BackupDamaged where there is something that is no manifest of ours */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, name), 'utf8').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return undefined;
    throw failure;
  });
  if (text === undefined) return undefined;
  const manifest = parsed(text);
  if (manifest?.format !== 1) throw new BackupDamaged(`${join(folder, name)} is not the manifest of a backup that this version can read`);
  return manifest;
}

function parsed(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeWhole(join(folder, name), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** Aside first, then into place: the file is there whole, or as it was. */
export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const aside = `${path}.new`;
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

/** What a backup holds is not what was written. */
export class BackupDamaged extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupDamaged';
  }
}
