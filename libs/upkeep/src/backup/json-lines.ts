import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { BackupDamaged, writeWhole, type StoredFile } from './manifest.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** One JSON text per line, compressed with zstd, which has a checksum of its own. Durable when it resolves. */
export async function writeLines(folder: string, file: string, lines: readonly string[]): Promise<StoredFile> {
  const bytes = await compress(Buffer.from(lines.map((line) => `${line}\n`).join('')), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  await writeWhole(join(folder, file), bytes);
  return { file, sha256: sha256(bytes) };
}

/** @throws BackupDamaged where the file is not what was written */
export async function readLines(folder: string, stored: StoredFile): Promise<readonly string[]> {
  const path = join(folder, stored.file);
  // A name out of the manifest: nothing outside of the folder is read.
  if (!/^[a-z0-9-]+\.jsonl\.zst$/.test(stored.file)) throw new BackupDamaged(`the manifest names ${JSON.stringify(stored.file)}`);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BackupDamaged(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (sha256(bytes) !== stored.sha256) throw new BackupDamaged(`${path} is not what was written`);
  const text = (await decompress(bytes)).toString();
  return text === '' ? [] : text.slice(0, -1).split('\n');
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
