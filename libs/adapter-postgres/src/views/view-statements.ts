import pg from 'pg';
import type { View } from '#projection';
import { carriageOf, columnArray } from './column-values.ts';
import type { Step } from './gathered.ts';

export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** Where the statements of a view write: the table itself, or one that is being filled to take its place. */
export type Target = Pick<View, 'key'> & {
  readonly table: string;
  /** Whose columns the table has, where its name is another. */ readonly view?: string;
};

/** The statements of one step. `guard` stands in each: nothing happens where it does not hold. */
export function statementsOf(target: Target, step: Step, guard = 'true'): Statement[] {
  const table = quoted(target.table);
  switch (step.type) {
    case 'rows': {
      const statements = step.puts.map((rows) => putting(target, rows, guard));
      if (step.removed.length > 0) statements.push(removing(target, step.removed, guard));
      return statements;
    }
    case 'merge': {
      const columns = Object.entries(step.columns);
      const key = Object.entries(step.key);
      const sets = columns.map(([column], index) => `${quoted(column)} = $${index + 1}`);
      const wheres = key.map(([column], index) => `${quoted(column)} = $${columns.length + index + 1}`);
      const text = `UPDATE ${table} SET ${sets.join()} WHERE ${wheres.join(' AND ')} AND ${guard}`;
      return [{ text, values: [...columns, ...key].map(([, value]) => value) }];
    }
    case 'drop': {
      const where = Object.entries(step.where);
      const wheres = where.map(([column], index) => `${quoted(column)} = $${index + 1}`);
      return [{ text: `DELETE FROM ${table} WHERE ${wheres.join(' AND ')} AND ${guard}`, values: where.map(([, value]) => value) }];
    }
  }
}

type Columns = Readonly<Record<string, unknown>>;

function putting(target: Target, rows: readonly Columns[], guard: string): Statement {
  const columns = Object.keys(rows[0] ?? {});
  const names = columns.map(quoted).join();
  const sets = columns.filter((column) => !target.key.includes(column)).map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const conflict = sets.length > 0 ? `UPDATE SET ${sets.join()}` : 'NOTHING';
  const { selection, values } = given(target, columns, rows);
  const text = `INSERT INTO ${quoted(target.table)} (${names}) ${selection} WHERE ${guard} ON CONFLICT (${target.key.map(quoted).join()}) DO ${conflict}`;
  return { text, values };
}

function removing(target: Target, keys: readonly Columns[], guard: string): Statement {
  const { selection, values } = given(target, target.key, keys);
  const text = `DELETE FROM ${quoted(target.table)} WHERE (${target.key.map(quoted).join()}) IN (${selection}) AND ${guard}`;
  return { text, values };
}

/** Rows as one array for each column: PostgreSQL takes half as long to read them as it does for JSON. */
function given({ view, table }: Target, columns: readonly string[], rows: readonly Columns[]) {
  const carriages = columns.map((column) => carriageOf(view ?? table, column));
  const selected = carriages.map(({ cast }, index) => `c${index}${cast}`).join();
  const arrays = carriages.map(({ array }, index) => `$${index + 1}::${array}`).join();
  const names = columns.map((_, index) => `c${index}`).join();
  const values = carriages.map((carriage, index) => {
    const column = columns[index] ?? '';
    return columnArray(
      carriage,
      rows.map((row) => row[column]),
    );
  });
  return { selection: `SELECT ${selected} FROM unnest(${arrays}) AS given(${names})`, values };
}

export const quoted = (name: string): string => pg.escapeIdentifier(name);
