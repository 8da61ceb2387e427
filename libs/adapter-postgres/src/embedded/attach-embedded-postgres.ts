import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { prepareCluster } from './cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { databaseUrl, startEmbeddedPostgres, type EmbeddedPostgresOptions } from './start-embedded-postgres.ts';

/** A server that was found running belongs to somebody else, and is left running. */
export type AttachedPostgres = { readonly url: string; readonly stop: () => Promise<void> };

/**
 * The database of a data folder for somebody who looks on, also while another process works on it. Where none runs, it is started for as long
 * as it is looked at. @throws Error where the folder holds no database, or as `startEmbeddedPostgres`
 */
export async function attachEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<AttachedPostgres> {
  const folder = resolve(options.folder);
  await access(join(folder, 'cluster', 'PG_VERSION')).catch((cause: unknown) => {
    throw new Error(`there is no database in ${folder}`, { cause });
  });
  const cluster = await prepareCluster(folder);
  const running = await findPostmaster(cluster);
  if (running) return { url: databaseUrl(cluster, running.port), stop: () => Promise.resolve() };
  return startEmbeddedPostgres(options);
}
