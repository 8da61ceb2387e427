import { resolve } from 'node:path';
import { PostgresLogWriter } from '#adapter-postgres';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { AppendingLogWriter, backUp, manifestOf, restore, type BackedUp, type Restored, type RestoreOptions } from '#upkeep';
import { kafkaBridgeFollower } from '../followers.ts';
import { masterKeyFileOf, readMasterKeys } from '../keys.ts';
import { openUpkeep } from '../open-upkeep.ts';
import { openStores } from '../stores.ts';

/** Copies an installation that may go on working into a folder. @throws Error that says what to do */
export async function backUpInstallation(settings: Settings, folder: string, logger: Logger): Promise<BackedUp> {
  const upkeep = await openUpkeep(settings, logger);
  try {
    return await backUp({ ...upkeep, folder: resolve(folder), topicPrefix: settings.topicPrefix });
  } finally {
    await upkeep.close();
  }
}

export type RestoreOrder = Pick<RestoreOptions, 'folder' | 'until' | 'destroyedKeysFolder'> & { readonly settings: Settings };

/** Fills an empty installation, which nobody else works on. @throws Error that says what is in the way */
export async function restoreInstallation({ settings, folder, ...order }: RestoreOrder, logger: Logger): Promise<Restored> {
  // First: a wrong folder leaves no empty database behind.
  await manifestOf(resolve(folder));
  const masterKeys = await readMasterKeys(masterKeyFileOf(settings));
  const onLost = (failure: Error): void => logger.fatal({ err: failure }, 'the data folder was taken over');
  const stores = await openStores({ settings, logger, onLost });
  try {
    return await restore({
      ...order,
      ...stores,
      folder: resolve(folder),
      masterKeys,
      topics: { prefix: settings.topicPrefix, follower: kafkaBridgeFollower },
      writerOf: (positions) =>
        settings.eventStoreUrl === undefined ? new PostgresLogWriter(stores.dataSource, positions) : new AppendingLogWriter(stores.log),
    });
  } finally {
    await stores.close();
  }
}
