import { join } from 'node:path';
import {
  migrate,
  openDataSource,
  PostgresCatalogue,
  PostgresChannelStore,
  PostgresCheckpointStore,
  PostgresEventLog,
  PostgresKeyStore,
  PostgresSnapshotStore,
  startEmbeddedPostgres,
  type DataFolderInUse,
} from '#adapter-postgres';
import type { ChannelStore } from '#bridge';
import type { KeyStore } from '#keys';
import type { Settings } from '#settings';
import type { CheckpointStore, EventLog, SnapshotStore } from '#stream';
import type { Logger } from '#telemetry';
import type { Offer } from '#workspace';

/** Everything that is kept: one PostgreSQL, our own or yours. */
export type Stores = {
  readonly log: EventLog;
  readonly snapshots: SnapshotStore;
  readonly checkpoints: CheckpointStore;
  readonly channelStore: ChannelStore;
  readonly keyStore: KeyStore;
  readonly dataSource: Awaited<ReturnType<typeof openDataSource>>;
  readonly offers: () => Promise<readonly Offer[]>;
  /** Whether this process alone writes: so it is over an embedded database, whose folder it has locked. */
  readonly soleWriter: boolean;
  /** Throws where the database does not answer. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type StoresOptions = {
  readonly settings: Pick<Settings, 'dataFolder' | 'databaseUrl'>;
  readonly logger: Logger;
  /** Another process took over the data folder: this one has to end. */
  readonly onLost: (failure: DataFolderInUse) => void;
};

/** @throws DataFolderInUse, or an Error that says what to do */
export async function openStores({ settings, logger, onLost }: StoresOptions): Promise<Stores> {
  const embedded =
    settings.databaseUrl === undefined
      ? await startEmbeddedPostgres({ folder: join(settings.dataFolder, 'postgres'), log: logger, onLost })
      : undefined;
  const url = settings.databaseUrl ?? embedded?.url ?? '';
  try {
    const dataSource = await openDataSource(url);
    await migrate(dataSource);
    const log = await PostgresEventLog.open({ url, soleWriter: embedded !== undefined });
    const snapshots = new PostgresSnapshotStore(dataSource);
    const checkpoints = new PostgresCheckpointStore(dataSource);
    const catalogue = new PostgresCatalogue(dataSource);
    return {
      log,
      snapshots,
      checkpoints,
      channelStore: new PostgresChannelStore(dataSource),
      keyStore: new PostgresKeyStore(dataSource),
      dataSource,
      soleWriter: embedded !== undefined,
      offers: () => catalogue.offers(),
      async check() {
        await dataSource.query('SELECT 1');
      },
      async close() {
        await log.close();
        await dataSource.destroy();
        await embedded?.stop();
      },
    };
  } catch (failure) {
    await embedded?.stop();
    throw failure;
  }
}
