import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { Collections } from '../servers/collecting.ts';
import type { TributaryServer } from '../servers/tributary.ts';

/** What a server takes at one moment. */
export type Measured = Record<
  'rssMegabytes' | 'heapMegabytes' | 'openFiles' | 'timers' | 'connections' | 'databaseMegabytes' | 'deadMegabytes',
  number
>;

/** A table at the end of a soak. */
export type TableSize = { readonly table: string; readonly megabytes: number; readonly rows: number; readonly dead: number };

export class Meter {
  readonly #server: TributaryServer;
  readonly #database: pg.Client;
  readonly #collections: Collections;

  /** `collectedFile`: where the server says what a collection left. */
  static async open(server: TributaryServer, databaseUrl: string, collectedFile: string): Promise<Meter> {
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    return new Meter(server, database, collectedFile);
  }

  private constructor(server: TributaryServer, database: pg.Client, collectedFile: string) {
    this.#server = server;
    this.#database = database;
    this.#collections = new Collections(server.pid, collectedFile);
  }

  async read(): Promise<Measured> {
    const { pid, client } = this.#server;
    const [status, files, metrics, sizes] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
      client.call('GET', '/metrics'),
      this.#database.query<{ bytes: string; dead: string; connections: string }>(
        `SELECT pg_database_size(current_database()) AS bytes,
          (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
          (SELECT sum(n_dead_tup::float8 / (n_live_tup + n_dead_tup + 1) * pg_total_relation_size(relid)) FROM pg_stat_user_tables) AS dead`,
      ),
    ]);
    const [row] = sizes.rows;
    return {
      rssMegabytes: Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) / 1024,
      heapMegabytes: Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics.text)?.[1]) / 1e6,
      openFiles: files.length,
      timers: Number(/^nodejs_active_resources\{type="Timeout"\} (\S+)/m.exec(metrics.text)?.[1]),
      connections: Number(row?.connections),
      databaseMegabytes: Number(row?.bytes) / 1e6,
      deadMegabytes: Number(row?.dead) / 1e6,
    };
  }

  /** What is left of the heap, and of what it holds outside of it, when all garbage is collected. */
  async live(): Promise<number> {
    return (await this.#collections.left()) / 1e6;
  }

  /** The largest tables with their indexes. */
  async tables(): Promise<readonly TableSize[]> {
    const { rows } = await this.#database.query<{ relname: string; bytes: string; n_live_tup: string; n_dead_tup: string }>(
      'SELECT relname, pg_total_relation_size(relid) AS bytes, n_live_tup, n_dead_tup FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 10',
    );
    return rows.map(({ relname, bytes, n_live_tup: rows, n_dead_tup: dead }) => ({
      table: relname,
      megabytes: Number(bytes) / 1e6,
      rows: Number(rows),
      dead: Number(dead),
    }));
  }

  async close(): Promise<void> {
    await this.#database.end();
  }
}
