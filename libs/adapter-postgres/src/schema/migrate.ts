import type { DataSource } from 'typeorm';
import { migrationsTable } from './data-source.ts';

const lockKey = 7_427_316;

/** Brings the schema up to date. Any number of processes may do so at once: one works, the others wait and find it done. */
export async function migrate(dataSource: DataSource): Promise<void> {
  if (await isUpToDate(dataSource)) return;
  const waiting = dataSource.createQueryRunner();
  try {
    await waiting.query('SELECT pg_advisory_lock($1)', [lockKey]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await waiting.query('SELECT pg_advisory_unlock($1)', [lockKey]).catch(() => undefined);
    await waiting.release();
  }
}

/** Whether nothing is left to migrate. One question, where TypeORM would ask a dozen of the catalogue. */
export async function isUpToDate(dataSource: DataSource): Promise<boolean> {
  const [table] = await dataSource.query<{ exists: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS exists', [migrationsTable]);
  if (!table?.exists) return false;
  const done = await dataSource.query<{ name: string }[]>(`SELECT name FROM ${migrationsTable}`);
  const names = new Set(done.map((migration) => migration.name));
  return dataSource.migrations.every((migration) => names.has(migration.name ?? ''));
}
