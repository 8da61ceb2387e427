import pg from 'pg';
import type { View, ViewChange } from '#projection';
import type { RowDifference, ViewCopy } from '#upkeep';
import { gathered } from './gathered.ts';
import { statementsOf } from './view-statements.ts';

const differencesMax = 10_000;

/** Copies a view's table and its checkpoint, as of one moment, into a table that only this connection sees. */
export async function copyView(client: pg.Client, view: View, number: number): Promise<ViewCopy> {
  const [shown, replayed] = [`shown_${number}`, `replayed_${number}`];
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const { rows } = await client.query<{ position: string }>('SELECT position FROM view_states WHERE view = $1', [view.table]);
    await client.query(`CREATE TEMP TABLE ${shown} AS SELECT * FROM ${pg.escapeIdentifier(view.table)}`);
    await client.query(`CREATE TEMP TABLE ${replayed} (LIKE ${pg.escapeIdentifier(view.table)} INCLUDING ALL)`);
    await client.query('COMMIT');
    return new CopiedView(client, { shown, replayed, key: view.key, view: view.table, position: BigInt(rows[0]?.position ?? 0) });
  } catch (failure) {
    await client.query('ROLLBACK');
    throw failure;
  }
}

type Tables = {
  readonly shown: string;
  readonly replayed: string;
  readonly view: string;
  readonly key: readonly string[];
  readonly position: bigint;
};
type DifferenceRow = { readonly type: RowDifference['type']; readonly key: Record<string, string>; readonly columns: string[] };

class CopiedView implements ViewCopy {
  readonly position: bigint;
  readonly #client: pg.Client;
  readonly #tables: Tables;

  constructor(client: pg.Client, tables: Tables) {
    this.#client = client;
    this.#tables = tables;
    this.position = tables.position;
  }

  async replay(changes: readonly ViewChange[]): Promise<void> {
    const { replayed: table, key, view } = this.#tables;
    const target = { table, key, view };
    for (const step of gathered(target, changes))
      for (const { text, values } of statementsOf(target, step)) await this.#client.query(text, [...values]);
  }

  async *differences(): AsyncGenerator<RowDifference> {
    const { shown, replayed, key } = this.#tables;
    const { rows: columns } = await this.#client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${replayed}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    );
    const names = columns.map(({ name }) => name);
    const keys = key.map((name) => pg.escapeIdentifier(name));
    const differs = (name: string): string => {
      const column = pg.escapeIdentifier(name);
      return `s.${column}::text IS DISTINCT FROM r.${column}::text`;
    };
    const first = keys[0] ?? '';
    const { rows } = await this.#client.query<DifferenceRow>(`
      SELECT CASE WHEN s.${first} IS NULL THEN 'missing' WHEN r.${first} IS NULL THEN 'strange' ELSE 'differs' END AS type,
             json_build_object(${keys.map((name, index) => `${pg.escapeLiteral(key[index] ?? '')}, coalesce(s.${name}, r.${name})::text`).join()}) AS key,
             array_remove(ARRAY[${names.map((name) => `CASE WHEN ${differs(name)} THEN ${pg.escapeLiteral(name)} END`).join()}], NULL) AS columns
        FROM ${shown} s FULL JOIN ${replayed} r ON ${keys.map((name) => `s.${name} = r.${name}`).join(' AND ')}
       WHERE ${names.map(differs).join(' OR ')}
       ORDER BY ${keys.map((name) => `coalesce(s.${name}, r.${name})`).join()}
       LIMIT ${differencesMax}`);
    yield* rows;
  }

  async close(): Promise<void> {
    await this.#client.query(`DROP TABLE ${this.#tables.shown}, ${this.#tables.replayed}`);
  }
}
