import { join } from 'node:path';
import {
  attachEmbeddedPostgres,
  isUpToDate,
  openDataSource,
  PostgresChannelStore,
  PostgresCheckpointStore,
  PostgresEventArchive,
  PostgresEventLog,
  PostgresHoldings,
  PostgresKeyStore,
  PostgresSnapshotStore,
} from '#adapter-postgres';
import type { ChannelStore } from '#bridge';
import type { KeyStore } from '#keys';
import type { Settings } from '#settings';
import { ArchivedLog, type CheckpointStore, type EventArchive, type EventLog, type SnapshotStore } from '#stream';
import type { Logger } from '#telemetry';
import type { Holdings } from '#upkeep';
import { openEventStoreLog } from './open-event-store-log.ts';

export type UpkeepSettings = Pick<Settings, 'dataFolder' | 'databaseUrl' | 'eventStoreUrl' | 'topicPrefix' | 'masterKeyFile'>;

/** What is kept, for commands that look at it while others may be working on it. */
export type Upkeep = {
  /** With what it has given to the archive. */
  readonly log: EventLog;
  readonly positions: 'counted' | 'growing';
  readonly archive: EventArchive;
  readonly snapshots: SnapshotStore;
  readonly checkpoints: CheckpointStore;
  readonly keyStore: KeyStore;
  readonly channelStore: ChannelStore;
  readonly holdings: Holdings;
  readonly close: () => Promise<void>;
};

/** Changes nothing: neither the schema, nor who owns an embedded database. @throws Error that says what to do */
export async function openUpkeep(settings: UpkeepSettings, logger: Logger): Promise<Upkeep> {
  const embedded =
    settings.databaseUrl === undefined
      ? await attachEmbeddedPostgres({ folder: join(settings.dataFolder, 'postgres'), log: logger })
      : undefined;
  const ends: (() => Promise<unknown>)[] = embedded ? [() => embedded.stop()] : [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const url = settings.databaseUrl ?? embedded?.url ?? '';
    const dataSource = await openDataSource(url);
    ends.push(() => dataSource.destroy());
    if (!(await isUpToDate(dataSource)))
      throw new Error('this database is of an older version, or of none: start this version on it once, then try again');
    const { eventStoreUrl, topicPrefix } = settings;
    const log =
      eventStoreUrl === undefined
        ? await PostgresEventLog.open({ url, soleWriter: true })
        : await openEventStoreLog(eventStoreUrl, topicPrefix, logger);
    ends.push(() => log.close());
    const holdings = await PostgresHoldings.open(url);
    ends.push(() => holdings.close());
    const archive = new PostgresEventArchive(dataSource);
    return {
      log: new ArchivedLog(log, archive),
      archive,
      positions: eventStoreUrl === undefined ? 'counted' : 'growing',
      snapshots: new PostgresSnapshotStore(dataSource),
      checkpoints: new PostgresCheckpointStore(dataSource),
      keyStore: new PostgresKeyStore(dataSource),
      channelStore: new PostgresChannelStore(dataSource),
      holdings,
      close,
    };
  } catch (failure) {
    await close();
    throw failure;
  }
}
