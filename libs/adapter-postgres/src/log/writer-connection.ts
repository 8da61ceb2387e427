import pg from 'pg';
import { LogUnavailable } from '#stream';
import { writerName, type Backend } from './lost-backends.ts';

/** The one connection on which this process appends. Opened when it is needed, and again after it broke. */
export class WriterConnection {
  readonly #url: string;
  #opening: Promise<pg.Client> | undefined;
  #current: pg.Client | undefined;
  #closed = false;
  #backend: Backend | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** The server's process at the other end of the newest connection, by which notifications of our own appends are told. */
  get backend(): Backend | undefined {
    return this.#backend;
  }

  /** @throws LogUnavailable once closed; whatever `pg` throws when the server cannot be reached. */
  client(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new LogUnavailable('the event log was closed'));
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Does not use a connection again that answered nothing in time, or broke. */
  drop(client: pg.Client): void {
    if (this.#current === client) this.#forget();
    client.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#opening?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...writerOptions, connectionString: this.#url });
    this.#current = client;
    const forget = (): void => {
      if (this.#current === client) this.#forget();
    };
    client.on('error', forget).on('end', forget);
    try {
      await client.connect();
      const { rows } = await client.query<Backend>(session);
      this.#backend = rows[0];
      return client;
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  #forget(): void {
    this.#current = undefined;
    this.#opening = undefined;
  }
}

const writerOptions = {
  application_name: writerName,
  keepAlive: true,
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  // A connection that leads nowhere any more: the server would have given up before.
  query_timeout: 35_000,
};

/** Durable even where the server's default is not; plans by index even while the tables are small and unanalysed. */
const session = `
  SELECT pg_backend_pid() AS pid,
         (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS since,
         set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
         set_config('enable_seqscan', 'off', false),
         set_config('jit', 'off', false),
         set_config('plan_cache_mode', 'force_generic_plan', false)`;
