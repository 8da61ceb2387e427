import pg from 'pg';
import type { DataSource } from 'typeorm';
import { QueryFailedError } from 'typeorm';
import { ViewsUnavailable } from '#projection';
import type { View, ViewChange, ViewStore } from '#projection';
import { failureOf } from '../log/outage.ts';

/** Views as tables, each with its checkpoint, changed in one transaction. */
export class PostgresViewStore implements ViewStore {
  readonly #dataSource: DataSource;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  async position(table: string): Promise<bigint> {
    const query = this.#dataSource.query<{ position: string }[]>('SELECT position FROM checkpoints WHERE follower = $1', [
      followerOf(table),
    ]);
    const [row] = await query.catch(rethrow);
    return BigInt(row?.position ?? 0);
  }

  async apply(view: View, changes: readonly ViewChange[], position: bigint): Promise<void> {
    await this.#dataSource
      .transaction(async (manager) => {
        await applyChanges(manager, view, changes);
        await manager.query(
          'INSERT INTO checkpoints (follower, position) VALUES ($1, $2) ON CONFLICT (follower) DO UPDATE SET position = excluded.position',
          [followerOf(view.table), `${position}`],
        );
      })
      .catch(rethrow);
  }
}

/** Where statements go: a transaction, or a connection of somebody's own. */
type Session = { query(text: string, values: unknown[]): Promise<unknown> };

/** Makes the changes in the view's table, in order. */
export async function applyChanges(session: Session, view: Pick<View, 'table' | 'key'>, changes: readonly ViewChange[]): Promise<void> {
  for (const step of gathered(view.key, changes)) await change(session, view, step);
}

export const followerOf = (table: string): string => `view ${table}`;

function rethrow(error: unknown): never {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  throw failureOf(cause) === 'fault' ? error : new ViewsUnavailable(cause);
}

type Row = Extract<ViewChange, { type: 'put' }>['row'];
type Step = Exclude<ViewChange, { type: 'put' }> | { readonly type: 'puts'; readonly rows: readonly Row[] };

/** Puts that follow one another become one statement; of puts to the same row the last stays. */
function gathered(key: readonly string[], changes: readonly ViewChange[]): Step[] {
  const steps: Step[] = [];
  let rows = new Map<string, Row>();
  const flush = (): void => {
    if (rows.size > 0) steps.push({ type: 'puts', rows: [...rows.values()] });
    rows = new Map();
  };
  for (const each of changes) {
    if (each.type === 'put') {
      rows.set(JSON.stringify(key.map((column) => each.row[column])), each.row);
    } else {
      flush();
      steps.push(each);
    }
  }
  flush();
  return steps;
}

async function change(session: Session, view: Pick<View, 'table' | 'key'>, step: Step): Promise<void> {
  const table = quoted(view.table);
  switch (step.type) {
    case 'puts': {
      const columns = Object.keys(step.rows[0] ?? {}).map(quoted);
      const sets = columns.map((column) => `${column} = excluded.${column}`);
      const key = view.key.map((column) => quoted(column));
      const text = `INSERT INTO ${table} (${columns.join()}) SELECT ${columns.join()} FROM json_populate_recordset(NULL::${table}, $1) ON CONFLICT (${key.join()}) DO UPDATE SET ${sets.join()}`;
      await session.query(text, [JSON.stringify(step.rows)]);
      return;
    }
    case 'merge': {
      const columns = Object.entries(step.columns);
      const key = Object.entries(step.key);
      const sets = columns.map(([column], index) => `${quoted(column)} = $${index + 1}`);
      const wheres = key.map(([column], index) => `${quoted(column)} = $${columns.length + index + 1}`);
      await session.query(
        `UPDATE ${table} SET ${sets.join()} WHERE ${wheres.join(' AND ')}`,
        [...columns, ...key].map(([, value]) => value),
      );
      return;
    }
    case 'drop': {
      const where = Object.entries(step.where);
      if (where.length === 0) throw new TypeError(`a drop in ${view.table} must say which rows`);
      await session.query(
        `DELETE FROM ${table} WHERE ${where.map(([column], index) => `${quoted(column)} = $${index + 1}`).join(' AND ')}`,
        where.map(([, value]) => value),
      );
    }
  }
}

const quoted = (name: string): string => pg.escapeIdentifier(name);
