import pg from 'pg';
import { LogUnavailable } from '#stream';

/** The one connection on which this process appends. Opened when it is needed, and again after it broke. */
export class WriterConnection {
  readonly #url: string;
  #opening: Promise<pg.Client> | undefined;
  #current: pg.Client | undefined;
  #closed = false;
  #backend: number | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** The server's process at the other end, by which notifications of our own appends are told. */
  get backend(): number | undefined {
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
      const { rows } = await client.query<{ backend: number }>(session);
      this.#backend = rows[0]?.backend;
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
  application_name: 'tributary log',
  keepAlive: true,
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  // A connection that leads nowhere any more: the server would have given up before.
  query_timeout: 35_000,
};

/** Durable even where the server's default is not; plans by index even while the tables are small and unanalysed. */
const session = `
  SELECT pg_backend_pid() AS backend,
         set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
         set_config('enable_seqscan', 'off', false),
         set_config('jit', 'off', false),
         set_config('plan_cache_mode', 'force_generic_plan', false)`;
