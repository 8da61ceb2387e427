import pg from 'pg';
import type { View } from '#projection';
import type { Holdings, ViewCopy } from '#upkeep';
import { copyView } from '../views/copied-view.ts';

const pageRows = 1_000;

/** What stands beside the log, over a connection of its own. */
export class PostgresHoldings implements Holdings {
  readonly #client: pg.Client;
  #copies = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<PostgresHoldings> {
    const client = new pg.Client({ connectionString: url, application_name: 'tributary upkeep', keepAlive: true });
    // The next query says what is wrong.
    client.on('error', () => undefined);
    await client.connect();
    return new PostgresHoldings(client);
  }

  async checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    const { rows } = await this.#client.query<{ follower: string; position: string }>(
      `SELECT follower, position FROM checkpoints UNION ALL SELECT 'view ' || view, position FROM view_states`,
    );
    return new Map(rows.map(({ follower, position }) => [follower, BigInt(position)]));
  }

  async *snapshotStreams(): AsyncGenerator<string> {
    for (let after = ''; ;) {
      const { rows } = await this.#client.query<{ stream: string }>(
        `SELECT stream FROM snapshots WHERE stream > $1 ORDER BY stream LIMIT ${pageRows}`,
        [after],
      );
      for (const { stream } of rows) yield stream;
      const last = rows.at(-1);
      if (!last || rows.length < pageRows) return;
      after = last.stream;
    }
  }

  copyView(view: View): Promise<ViewCopy> {
    this.#copies += 1;
    return copyView(this.#client, view, this.#copies);
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
