import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeSecretFile } from '#access';
import { Keys, newMasterKeyLine, parseMasterKeys, type KeyStore, type MasterKeys } from '#keys';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';

export type KeysOptions = {
  readonly settings: Pick<Settings, 'dataFolder' | 'masterKeyFile'>;
  readonly store: KeyStore;
  readonly logger: Logger;
};

/** The keys of Secrets. @throws Error that says what is wrong with the master key file */
export async function openKeys({ settings, store, logger }: KeysOptions): Promise<Keys> {
  const path = masterKeyFileOf(settings);
  if ((await readIfThere(path)) === undefined) {
    // A new key would open nothing of what is there.
    if ((await store.load('')).length > 0)
      throw new Error(
        `${path} is missing: without it, no Secret of this database can be read; TRIBUTARY_MASTER_KEY_FILE names one that stands elsewhere`,
      );
    await mkdir(dirname(path), { recursive: true });
    await makeSecretFile(path, newMasterKeyLine());
  }
  // Somebody else's file, as a mounted one may be, stays as it is.
  await chmod(path, 0o600).catch(() => undefined);
  const keys = await Keys.open({ store, readMasterKeys: () => readMasterKeys(path) });
  await keys
    .installationSecret(proof, () => Buffer.from(proof))
    .catch((cause: unknown) => {
      throw new Error(`${path} does not belong to this database: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
  keys.rewrap().then(
    (count) => count > 0 && logger.info({ count }, 'keys are sealed with the newest master key now; the older ones can go'),
    (failure: unknown) => logger.warn({ err: failure }, 'keys could not be sealed with the newest master key'),
  );
  return keys;
}

/** The keys for somebody who only looks at them: no file is made, nothing is sealed anew. @throws Error that says what is wrong with the file */
export async function readKeys({ settings, store }: Omit<KeysOptions, 'logger'>): Promise<Keys> {
  const path = masterKeyFileOf(settings);
  return Keys.open({ store, readMasterKeys: () => readMasterKeys(path) });
}

export const masterKeyFileOf = ({ masterKeyFile, dataFolder }: KeysOptions['settings']): string =>
  masterKeyFile ?? join(dataFolder, 'master.keys');

/** The first key of every database: whoever opens it has the right master keys. */
const proof = 'proof';

export async function readMasterKeys(path: string): Promise<MasterKeys> {
  try {
    return parseMasterKeys(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`the master key file ${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
