import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { databaseUser } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Postmaster } from './postmaster.ts';
import { settingsFingerprint } from './server-settings.ts';

/** Another process of ours works on the data folder. */
export class DataFolderInUse extends Error {
  constructor(folder: string, holder: string) {
    super(`the data folder ${folder} is in use by ${holder}; stop that first, or choose another folder`);
    this.name = 'DataFolderInUse';
  }
}

/** Held on the connection: PostgreSQL drops it when the holder dies, however it dies. */
const lockKey = 7_427_315;
const holderGoneMax = 1_500;

/** Takes the folder for this process. The connection that is answered holds it until it ends. @throws DataFolderInUse */
export async function lockFolder(cluster: Cluster, { port }: Postmaster): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionTo(cluster, port),
    database: 'postgres',
    application_name: `tributary process ${process.pid}`,
    keepAlive: true,
  });
  // Told apart from our other connections, an end of this one means that the server is gone.
  client.on('error', () => undefined);
  await client.connect();
  const deadline = performance.now() + holderGoneMax;
  try {
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [lockKey]);
      if (rows[0]?.taken) return client;
      // The server may need a moment to notice that a killed holder is gone.
      if (performance.now() > deadline) throw new DataFolderInUse(cluster.folder, await holderOf(client));
      await pause(20);
    }
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Whether the server runs with the settings of this version. */
export async function hasOurSettings(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ cluster_name: string }>('SHOW cluster_name');
  return rows[0]?.cluster_name === settingsFingerprint();
}

export async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
}

function connectionTo(cluster: Cluster, port: number): { host: string; port: number; user: string; password: string } {
  return { host: '127.0.0.1', port, user: databaseUser, password: cluster.password };
}

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ application_name: string }>(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND objid = $1 AND granted`,
    [lockKey],
  );
  return rows[0]?.application_name ?? 'another process';
}
