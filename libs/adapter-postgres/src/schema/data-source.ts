import pg from 'pg';
import { DataSource } from 'typeorm';
import { CreateEventLog } from '../../../../migrations/0001-create-event-log.ts';
import { CreateStores } from '../../../../migrations/0002-create-stores.ts';
import { CreateChannelRecords } from '../../../../migrations/0003-create-channel-records.ts';
import { CreateCatalogueViews } from '../../../../migrations/0004-create-catalogue-views.ts';
import { PackSnapshots } from '../../../../migrations/0005-pack-snapshots.ts';
import { CreateKeys } from '../../../../migrations/0006-create-keys.ts';
import { CreateResourcesView } from '../../../../migrations/0007-create-resources-view.ts';
import { CreateTenantViews } from '../../../../migrations/0008-create-tenant-views.ts';
import { CreateArchivedEvents } from '../../../../migrations/0010-create-archived-events.ts';
import { NoteDestroyedKeys } from '../../../../migrations/0012-note-destroyed-keys.ts';
import { NoteVersionsOfViews } from '../../../../migrations/0013-note-versions-of-views.ts';
import { DatabaseUnavailable } from './database-unavailable.ts';
import { viewTables } from './view-tables.ts';

/** Every change of the schema, oldest first. */
const migrations = [
  CreateEventLog,
  CreateStores,
  CreateChannelRecords,
  CreateCatalogueViews,
  PackSnapshots,
  CreateKeys,
  CreateResourcesView,
  CreateTenantViews,
  CreateArchivedEvents,
  NoteDestroyedKeys,
  NoteVersionsOfViews,
];

export const migrationsTable = 'migrations';

/** Connects to the database for its schema and views; the caller destroys it. @throws DatabaseUnavailable */
export async function openDataSource(url: string, connectionsMax = 4): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    applicationName: 'tributary views',
    entities: viewTables,
    migrations,
    migrationsTableName: migrationsTable,
    // Nothing here needs extensions, and looking for them costs a start.
    installExtensions: false,
    poolSize: connectionsMax,
    // An idle connection that the server cut is replaced by the pool; its error must not end the process.
    poolErrorHandler: () => undefined,
    // Whoever waits longer than this for a connection, of the pool or to the server, is told so.
    connectTimeoutMS: 30_000,
    extra: { Client: HeardClient, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
  });
  return dataSource.initialize().catch((cause: unknown) => {
    throw new DatabaseUnavailable(url, cause);
  });
}

/**
 * A connection that always has somebody who hears that it was lost. Between the pool and whoever it is handed to, and between the statements
 * of a transaction, nobody listens, and an error that nobody hears ends the process. The next statement says the same.
 */
class HeardClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** TypeORM's own connections, for prepared statements, which TypeORM does not do. */
export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { readonly master: pg.Pool }).master;
}
