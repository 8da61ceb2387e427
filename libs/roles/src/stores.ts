import { join } from 'node:path';
import type { EventStoreEventLog } from '#adapter-eventstoredb';
import {
  migrate,
  openDataSource,
  PostgresAccountDirectory,
  PostgresCatalogue,
  PostgresChannelStore,
  PostgresCheckpointStore,
  PostgresEventArchive,
  PostgresEventLog,
  PostgresHistory,
  PostgresKeyStore,
  PostgresLeadership,
  PostgresLiveness,
  PostgresRebuild,
  PostgresResources,
  PostgresSnapshotStore,
  PostgresViewStore,
  startEmbeddedPostgres,
  type DataFolderInUse,
} from '#adapter-postgres';
import type { ChannelStore } from '#bridge';
import type { KeyStore } from '#keys';
import {
  ObjectHistory,
  type Leadership,
  type ProviderLivenesses,
  type RebuildStore,
  type ResourceSearch,
  ViewPositions,
  type ViewStore,
} from '#projection';
import type { Settings } from '#settings';
import { ArchivedLog, type CheckpointStore, type EventArchive, type EventLog, type SnapshotStore } from '#stream';
import type { Logger } from '#telemetry';
import type { AccountDirectory, Offer } from '#workspace';
import { openEventStoreLog } from './open-event-store-log.ts';

/** Everything that is kept: in one PostgreSQL, our own or yours, and the log in EventStoreDB where one is named. */
export type Stores = {
  /** Whoever reads the whole log finds the archive in it. */
  readonly log: EventLog;
  /** Events that the log keeps no longer. */
  readonly archive: EventArchive;
  readonly snapshots: SnapshotStore;
  readonly checkpoints: CheckpointStore;
  readonly channelStore: ChannelStore;
  readonly keyStore: KeyStore;
  readonly dataSource: Awaited<ReturnType<typeof openDataSource>>;
  readonly views: ViewStore;
  /** For those who want to read in the views what they have written. */
  readonly positions: ViewPositions;
  readonly rebuild: RebuildStore;
  /** Which process keeps which view up to date. */
  readonly leadership: Leadership;
  /** Objects of all workspaces, from the views. */
  readonly resources: ResourceSearch;
  readonly history: ObjectHistory;
  readonly livenesses: ProviderLivenesses;
  /** Where Accounts stand, from the views. */
  readonly directory: AccountDirectory;
  readonly offers: () => Promise<readonly Offer[]>;
  /** Whether this process alone writes: so it is where the log is in an embedded database, whose folder it has locked. */
  readonly soleWriter: boolean;
  /** Throws where the database or the log does not answer. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type StoresOptions = {
  readonly settings: Pick<
    Settings,
    'dataFolder' | 'databaseUrl' | 'eventStoreUrl' | 'topicPrefix' | 'storeConnectionsMax' | 'logConnectionsMax'
  >;
  readonly logger: Logger;
  /** Another process took over the data folder: this one has to end. */
  readonly onLost: (failure: DataFolderInUse) => void;
};

/** @throws DataFolderInUse, DatabaseUnavailable, LogUnavailable, or an Error that says what to do */
export async function openStores({ settings, logger, onLost }: StoresOptions): Promise<Stores> {
  const embedded =
    settings.databaseUrl === undefined
      ? await startEmbeddedPostgres({ folder: join(settings.dataFolder, 'postgres'), log: logger, onLost })
      : undefined;
  const url = settings.databaseUrl ?? embedded?.url ?? '';
  const ends: (() => Promise<unknown>)[] = embedded ? [() => embedded.stop()] : [];
  try {
    const dataSource = await openDataSource(url, settings.storeConnectionsMax);
    ends.push(() => dataSource.destroy());
    await migrate(dataSource);
    if (settings.eventStoreUrl === undefined) await assertOwnLog(dataSource);
    const soleWriter = embedded !== undefined && settings.eventStoreUrl === undefined;
    const log =
      settings.eventStoreUrl === undefined
        ? await PostgresEventLog.open({ url, log: logger, soleWriter, readConnectionsMax: settings.logConnectionsMax })
        : await openEventStore(settings.eventStoreUrl, { dataSource, settings, logger });
    const leadership = new PostgresLeadership(url, logger);
    const archive = new PostgresEventArchive(dataSource);
    const snapshots = new PostgresSnapshotStore(dataSource);
    const checkpoints = new PostgresCheckpointStore(dataSource);
    const catalogue = new PostgresCatalogue(dataSource);
    const views = new PostgresViewStore(dataSource);
    const positions = new ViewPositions(views, log);
    return {
      log: new ArchivedLog(log, archive),
      archive,
      snapshots,
      checkpoints,
      channelStore: new PostgresChannelStore(dataSource),
      keyStore: new PostgresKeyStore(dataSource),
      dataSource,
      views,
      positions,
      rebuild: new PostgresRebuild(dataSource),
      leadership,
      resources: new PostgresResources(dataSource),
      history: new ObjectHistory(new PostgresHistory(dataSource, positions), log, archive),
      livenesses: new PostgresLiveness(dataSource),
      soleWriter,
      directory: new PostgresAccountDirectory(dataSource),
      offers: () => catalogue.offers(),
      async check() {
        await dataSource.query('SELECT 1');
        if (settings.eventStoreUrl !== undefined) await log.headOfAll();
      },
      async close() {
        await leadership.close();
        await log.close();
        await dataSource.destroy();
        await embedded?.stop();
      },
    };
  } catch (failure) {
    for (const end of ends.reverse()) await end();
    throw failure;
  }
}

type LogOptions = Pick<StoresOptions, 'settings' | 'logger'> & { readonly dataSource: Stores['dataSource'] };

/** Views and checkpoints are told by the positions of one log: those of another would mean something else. */
async function openEventStore(url: string, { dataSource, settings, logger }: LogOptions): Promise<EventStoreEventLog> {
  if ((await ownHead(dataSource)) > 0n)
    throw new Error('EVENTSTORE_URL is set, but this database holds a log of its own: leave it out, or name an empty database');
  // First, for others may be following while this opens the log.
  const followed = await followedTo(dataSource);
  const log = await openEventStoreLog(url, settings.topicPrefix, logger);
  if (followed <= log.end && (followed === 0n || (await log.headOfAll()) > 0n)) return log;
  await log.close();
  throw new Error(
    `this database has seen position ${followed} of another log than the one at EVENTSTORE_URL with the prefix ${settings.topicPrefix}, or of a later ` +
      'state of it: name that log, or restore both from one backup',
  );
}

/** @throws Error where the log of this database stands elsewhere, and would be begun anew here */
async function assertOwnLog(dataSource: Stores['dataSource']): Promise<void> {
  if ((await ownHead(dataSource)) === 0n && (await followedTo(dataSource)) > 0n)
    throw new Error('this database belongs to a log in EventStoreDB or KurrentDB: set EVENTSTORE_URL, or name an empty database');
}

async function ownHead(dataSource: Stores['dataSource']): Promise<bigint> {
  const [head] = await dataSource.query<{ position: string }[]>('SELECT position FROM log_head');
  return BigInt(head?.position ?? 0);
}

/** How far followers of the log that this database belongs to have come. */
async function followedTo(dataSource: Stores['dataSource']): Promise<bigint> {
  const [furthest] = await dataSource.query<{ position: string | null }[]>(
    'SELECT max(position) AS position FROM (SELECT position FROM checkpoints UNION ALL SELECT position FROM view_states) AS followers',
  );
  return BigInt(furthest?.position ?? 0);
}
