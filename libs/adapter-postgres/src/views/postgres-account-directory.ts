import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';

/** Where Accounts stand, from the view `accounts`. */
export class PostgresAccountDirectory {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  /** @throws ViewsUnavailable */
  async find(parent: string, name: string): Promise<{ readonly uid: string; readonly creator: string } | undefined> {
    const { rows } = await this.#pool.query<{ uid: string; creator: string }>({ ...asking, values: [parent, name] }).catch(rethrow);
    return rows[0];
  }
}

const asking = { name: 'find_account', text: 'SELECT uid, creator FROM accounts WHERE cluster = $1 AND name = $2' };
