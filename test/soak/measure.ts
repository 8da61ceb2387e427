import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import type { TributaryServer } from '../servers/tributary.ts';

/** What a server takes at one moment. */
export type Measured = Record<'rssMegabytes' | 'heapMegabytes' | 'openFiles' | 'databaseMegabytes', number>;

export class Meter {
  readonly #server: TributaryServer;
  readonly #database: pg.Client;

  static async open(server: TributaryServer, databaseUrl: string): Promise<Meter> {
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    return new Meter(server, database);
  }

  private constructor(server: TributaryServer, database: pg.Client) {
    this.#server = server;
    this.#database = database;
  }

  async read(): Promise<Measured> {
    const { pid, client } = this.#server;
    const [status, files, metrics, size] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
      client.call('GET', '/metrics'),
      this.#database.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes'),
    ]);
    return {
      rssMegabytes: Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) / 1024,
      heapMegabytes: Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics.text)?.[1]) / 1e6,
      openFiles: files.length,
      databaseMegabytes: Number(size.rows[0]?.bytes) / 1e6,
    };
  }

  async close(): Promise<void> {
    await this.#database.end();
  }
}
