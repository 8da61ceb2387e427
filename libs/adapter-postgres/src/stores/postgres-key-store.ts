import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { DestroyedKey, KeyStore, WrappedKey } from '#keys';
import { textArray } from '../log/binary-array.ts';
import { Patience } from '../log/patience.ts';
import { poolOf } from '../schema/data-source.ts';
import { LatestWrites } from './latest-writes.ts';

/** Keys in PostgreSQL. Keys that are made at the same time are saved in one statement, which waits for the disk. */
export class PostgresKeyStore implements KeyStore {
  readonly #pool: pg.Pool;
  readonly #writes: LatestWrites<WrappedKey>;
  readonly #patience: Patience;

  /** `patienceMs`: how long to ask a database that went away; then whoever needs a key gets `LogUnavailable`. */
  constructor(dataSource: DataSource, patienceMs = 5_000) {
    this.#pool = poolOf(dataSource);
    this.#patience = new Patience(patienceMs);
    this.#writes = new LatestWrites((keys) => this.#ask({ ...saving, values: columnsOf([...keys.values()]) }));
  }

  save(key: WrappedKey): Promise<void> {
    return this.#writes.put(`${key.account}/${key.uid}`, key, (waiting) => waiting);
  }

  async find(account: string, uid: string): Promise<WrappedKey | undefined> {
    const { rows } = await this.#ask<Row>({ ...finding, values: [account, uid] });
    return rows[0] && keyOf(rows[0]);
  }

  async load(account: string): Promise<readonly WrappedKey[]> {
    const { rows } = await this.#ask<Row>({ ...loading, values: [account] });
    return rows.map(keyOf);
  }

  async destroy(account: string, uid: string): Promise<void> {
    await this.#ask({ ...destroyingOne, values: [account, uid] });
  }

  async destroyAll(account: string): Promise<void> {
    await this.#ask({ text: destroying('account = $1'), values: [account] });
  }

  async notWrappedBy(masterKey: string, max: number): Promise<readonly WrappedKey[]> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${columns} FROM keys WHERE master_key <> $1 LIMIT $2`, [masterKey, max]);
    return rows.map(keyOf);
  }

  async replace(keys: readonly WrappedKey[]): Promise<void> {
    await this.#pool.query({ text: replacing, values: columnsOf(keys) });
  }

  async *all(): AsyncGenerator<WrappedKey> {
    for await (const row of this.#pages<Row>(columns, 'keys')) yield keyOf(row);
  }

  async *destroyed(): AsyncGenerator<DestroyedKey> {
    yield* this.#pages<DestroyedKey>('account, uid', 'destroyed_keys');
  }

  async destroyToo(keys: readonly DestroyedKey[]): Promise<void> {
    await this.#pool.query(destroyingToo, [textArray(keys.map(({ account }) => account)), textArray(keys.map(({ uid }) => uid))]);
  }

  /** All of its statements may be repeated. */
  #ask<Found extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Found>> {
    return this.#patience.insist(() => this.#pool.query<Found>(query));
  }

  async *#pages<Found extends DestroyedKey>(wanted: string, table: string): AsyncGenerator<Found> {
    for (let after: readonly string[] = ['', '']; ;) {
      const { rows } = await this.#pool.query<Found>(
        `SELECT ${wanted} FROM ${table} WHERE (account, uid) > ($1, $2) ORDER BY account, uid LIMIT ${pageRows}`,
        [...after],
      );
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < pageRows) return;
      after = [last.account, last.uid];
    }
  }
}

type Row = { readonly account: string; readonly uid: string; readonly master_key: string; readonly wrapped: string };

const columns = 'account, uid, master_key, wrapped';

const keyOf = ({ account, uid, master_key: masterKey, wrapped }: Row): WrappedKey => ({ account, uid, masterKey, wrapped });

const columnsOf = (keys: readonly WrappedKey[]): Buffer[] =>
  [keys.map((key) => key.account), keys.map((key) => key.uid), keys.map((key) => key.masterKey), keys.map((key) => key.wrapped)].map(
    textArray,
  );

const given = 'unnest($1::text[], $2::text[], $3::text[], $4::text[])';

const saving = { name: 'save_keys', text: `INSERT INTO keys (${columns}) SELECT * FROM ${given} ON CONFLICT DO NOTHING` };
const finding = { name: 'find_key', text: `SELECT ${columns} FROM keys WHERE account = $1 AND uid = $2` };
const loading = { name: 'load_keys', text: `SELECT ${columns} FROM keys WHERE account = $1` };

const pageRows = 1000;

/** Destroyed and noted as destroyed in one moment. */
const destroying = (which: string): string => `
  WITH gone AS (DELETE FROM keys WHERE ${which} RETURNING account, uid)
  INSERT INTO destroyed_keys (account, uid) SELECT account, uid FROM gone ON CONFLICT DO NOTHING`;

const destroyingOne = { name: 'destroy_key', text: destroying('account = $1 AND uid = $2') };

const destroyingToo = `
  WITH given AS (SELECT * FROM unnest($1::text[], $2::text[]) AS g(account, uid)),
       gone AS (DELETE FROM keys USING given WHERE keys.account = given.account AND keys.uid = given.uid)
  INSERT INTO destroyed_keys (account, uid) SELECT account, uid FROM given ON CONFLICT DO NOTHING`;

const replacing = `
  UPDATE keys SET master_key = given.master_key, wrapped = given.wrapped
    FROM ${given} AS given(account, uid, master_key, wrapped)
   WHERE keys.account = given.account AND keys.uid = given.uid`;
