import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { CatchUp, Made, NextTable, RebuildStore, View, ViewChange } from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { gathered } from './gathered.ts';
import { rethrow } from './postgres-view-store.ts';
import { quoted, statementsOf } from './view-statements.ts';

/** Of advisory locks; with the view's name, it tells who rebuilds it. */
const lockClass = 7_427_317;
const suffix = '__next';

/** New tables for views, filled beside the old ones. */
export class PostgresRebuild implements RebuildStore {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async version({ table, version = 1 }: View): Promise<number> {
    const { rows } = await this.#pool.query<{ version: number }>({ ...noting, values: [table, version] }).catch(rethrow);
    return rows[0]?.version ?? version;
  }

  async made({ table }: View): Promise<Made | undefined> {
    const { rows } = await this.#pool.query<{ version: number; epoch: string }>({ ...making, values: [table] }).catch(rethrow);
    return rows[0] && { version: rows[0].version, epoch: BigInt(rows[0].epoch) };
  }

  async next(view: View): Promise<NextTable | undefined> {
    const client = await this.#pool.connect().catch(rethrow);
    try {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken', [
        lockClass,
        view.table,
      ]);
      if (!rows[0]?.taken) {
        client.release();
        return undefined;
      }
      const next = new PostgresNextTable(view, client);
      await next.create();
      return next;
    } catch (error) {
      client.release(true);
      return rethrow(error);
    }
  }
}

type Index = { readonly name: string; readonly definition: string; readonly isPrimary: boolean };

/** All of it happens on one connection, with whose end the lock goes too. */
class PostgresNextTable implements NextTable {
  readonly #view: View;
  readonly #table: string;
  readonly #client: pg.PoolClient;
  #indexes: readonly Index[] = [];
  #closed = false;

  constructor(view: View, client: pg.PoolClient) {
    this.#view = view;
    this.#table = `${view.table}${suffix}`;
    this.#client = client;
  }

  async create(): Promise<void> {
    const { table } = this.#view;
    await this.#client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '128MB'`);
    await this.#client.query(`DROP TABLE IF EXISTS ${quoted(this.#table)}`);
    const options = await this.#client.query<{ options: string[] | null }>(
      'SELECT reloptions AS options FROM pg_class WHERE oid = $1::regclass',
      [quoted(table)],
    );
    const settings = options.rows[0]?.options ?? [];
    await this.#client.query(
      `CREATE TABLE ${quoted(this.#table)} (LIKE ${quoted(table)} INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING CONSTRAINTS)${settings.length > 0 ? ` WITH (${settings.join()})` : ''}`,
    );
    const indexes = await this.#client.query<Index>(indexesOf, [quoted(table)]);
    this.#indexes = indexes.rows;
    for (const index of this.#indexes) if (index.isPrimary) await this.#client.query(this.#nextIndex(index));
  }

  async apply(changes: readonly ViewChange[]): Promise<void> {
    await this.#apply(changes).catch(rethrow);
  }

  async #apply(changes: readonly ViewChange[]): Promise<void> {
    const target = { table: this.#table, key: this.#view.key, view: this.#view.table };
    for (const step of gathered(this.#view, changes))
      for (const { text, values } of statementsOf(target, step)) await this.#client.query(text, [...values]);
  }

  async addIndexes(): Promise<void> {
    for (const index of this.#indexes) if (!index.isPrimary) await this.#client.query(this.#nextIndex(index)).catch(rethrow);
    await this.#client.query(`ANALYZE ${quoted(this.#table)}`).catch(rethrow);
  }

  async takeOver(catchUp: CatchUp): Promise<boolean> {
    const { table } = this.#view;
    try {
      await this.#client.query('BEGIN');
      await this.#client.query(`SET LOCAL lock_timeout = '1s'`);
      // The table first, the state second: in the order of those who write the view.
      await this.#client.query(`LOCK TABLE ${quoted(table)} IN ACCESS EXCLUSIVE MODE`);
      const { rows } = await this.#client.query<{ position: string }>('SELECT position FROM view_states WHERE view = $1 FOR UPDATE', [
        table,
      ]);
      const shown = BigInt(rows[0]?.position ?? 0);
      const { position, whole } = await catchUp(shown, (changes) => this.#apply(changes));
      // What was kept is as of the old position: from there on everything is shown once more, which changes nothing else.
      const next = (await this.#keepTruncated(whole)) ? shown : position;
      await this.#client.query(`DROP TABLE ${quoted(table)}`);
      await this.#client.query(`ALTER TABLE ${quoted(this.#table)} RENAME TO ${quoted(table)}`);
      for (const index of this.#indexes) {
        await this.#client.query(`ALTER INDEX ${quoted(`${index.name}${suffix}`)} RENAME TO ${quoted(index.name)}`);
        if (index.isPrimary)
          await this.#client.query(
            `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${quoted(index.name)} PRIMARY KEY USING INDEX ${quoted(index.name)}`,
          );
      }
      await this.#client.query(movingOn, [table, `${next}`, this.#view.version ?? 1]);
      await this.#client.query('COMMIT');
      return true;
    } catch (error) {
      await this.#client.query('ROLLBACK').catch(() => undefined);
      if (retried.has(String((error as { readonly code?: unknown }).code))) return false;
      return rethrow(error);
    }
  }

  async #keepTruncated(whole: readonly string[]): Promise<boolean> {
    const [next, old] = [quoted(this.#table), quoted(this.#view.table)];
    const rest = `WHERE cluster <> '' AND cluster NOT IN (SELECT unnest($1::text[]))`;
    const { rowCount: partial } = await this.#client.query(`DELETE FROM ${next} ${rest}`, [whole]);
    const { rowCount: kept } = await this.#client.query(`INSERT INTO ${next} SELECT * FROM ${old} ${rest}`, [whole]);
    if ((partial ?? 0) + (kept ?? 0) === 0) return false;
    // Rows without a cluster tell of all together: the newer one holds.
    const same = this.#view.key.map((column) => `n.${quoted(column)} = o.${quoted(column)}`).join(' AND ');
    await this.#client.query(`DELETE FROM ${next} n USING ${old} o WHERE n.cluster = '' AND ${same} AND n.position < o.position`);
    await this.#client.query(`INSERT INTO ${next} SELECT * FROM ${old} WHERE cluster = '' ON CONFLICT DO NOTHING`);
    return true;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#client.query(`DROP TABLE IF EXISTS ${quoted(this.#table)}`).catch(() => undefined);
    await this.#client.query('SELECT pg_advisory_unlock($1, hashtext($2))', [lockClass, this.#view.table]).catch(() => undefined);
    // It has settings of its own.
    this.#client.release(true);
  }

  #nextIndex({ name, definition }: Index): string {
    const from = /^(CREATE (?:UNIQUE )?INDEX ).+? ON .+? (USING .*)$/s.exec(definition);
    if (!from) throw new Error(`the index ${name} of ${this.#view.table} cannot be made anew: ${definition}`);
    return `${from[1]}${quoted(`${name}${suffix}`)} ON ${quoted(this.#table)} ${from[2]}`;
  }
}

const indexesOf = `
  SELECT relname AS name, pg_get_indexdef(indexrelid) AS definition, indisprimary AS "isPrimary"
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = $1::regclass ORDER BY indexrelid`;

const movingOn = `
  INSERT INTO view_states AS kept (view, position, epoch, version) VALUES ($1, $2, 1, $3)
    ON CONFLICT (view) DO UPDATE
      SET position = excluded.position, epoch = kept.epoch + 1, failure = NULL, version = excluded.version`;

/** Of a view without rows the version is what its definition says. */
const noting = {
  name: 'view_version',
  text: `
    WITH noted AS (UPDATE view_states SET version = $2 WHERE view = $1 AND position = 0 RETURNING version)
    SELECT version FROM noted UNION ALL
    SELECT version FROM view_states WHERE view = $1 AND position > 0`,
};

const making = { name: 'view_made', text: 'SELECT version, epoch FROM view_states WHERE view = $1' };

/** lock_not_available, deadlock_detected: readers and writers were faster. */
const retried: ReadonlySet<string> = new Set(['55P03', '40P01']);
