import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';

/** Writes a file that only its owner may read (0600), all of it or not at all: a crash leaves the old one. */
export function writeSecretFile(path: string, text: string): Promise<void> {
  return writeWhole(path, text, 0o600);
}

/** As `writeSecretFile`, but leaves a file that is there as it is: of several processes at their first start, one makes it. */
export function makeSecretFile(path: string, text: string): Promise<void> {
  return makeWhole(path, text, 0o600);
}

export function makePublicFile(path: string, text: string): Promise<void> {
  return makeWhole(path, text, 0o644);
}

export function writePublicFile(path: string, text: string): Promise<void> {
  return writeWhole(path, text, 0o644);
}

async function makeWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeWhole(draft, text, mode);
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      // The umask may have taken rights away, and nothing may have added any.
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
