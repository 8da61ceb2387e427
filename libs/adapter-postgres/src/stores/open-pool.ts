import pg from 'pg';
import { silentLogger } from '#telemetry';
import type { Logger } from '#telemetry';

const connectionsMax = 4;

/** Connections for the stores. An idle one that the server cuts is replaced when it is needed. The caller ends the pool. */
export function openPool(url: string, log: Logger = silentLogger): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, application_name: 'tributary stores', max: connectionsMax, keepAlive: true, connectionTimeoutMillis: 5_000 });
  return pool.on('error', (error) => log.debug({ err: error }, 'a connection for stores was lost'));
}
