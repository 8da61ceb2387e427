export { DataFolderInUse } from './embedded/folder-lock.ts';
export { startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded/start-embedded-postgres.ts';
export { PostgresEventLog } from './log/postgres-event-log.ts';
export type { PostgresEventLogOptions } from './log/postgres-event-log.ts';
export { openDataSource } from './schema/data-source.ts';
export { migrate } from './schema/migrate.ts';
