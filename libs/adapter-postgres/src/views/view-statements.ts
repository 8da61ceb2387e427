import pg from 'pg';
import { JsonText } from '#projection';
import type { View } from '#projection';
import { jsonbArray } from '../log/binary-array.ts';
import type { Step } from './gathered.ts';

export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** Where the statements of a view write: the table itself, or one that is being filled to take its place. */
export type Target = Pick<View, 'key'> & { readonly table: string };

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

function putting({ table, key }: Target, rows: readonly Columns[], guard: string): Statement {
  const columns = Object.keys(rows[0] ?? {});
  const names = columns.map(quoted).join();
  const document = columns.find((column) => rows[0]?.[column] instanceof JsonText);
  const sets = columns.filter((column) => !key.includes(column)).map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const conflict = sets.length > 0 ? `UPDATE SET ${sets.join()}` : 'NOTHING';
  const given = document === undefined ? names : columns.map((column) => (column === document ? 'unnest' : quoted(column))).join();
  const beside = document === undefined ? '' : ', unnest($2::jsonb[])';
  const text = `INSERT INTO ${quoted(table)} (${names}) SELECT ${given} FROM ROWS FROM (json_populate_recordset(NULL::${quoted(table)}, $1)${beside}) WHERE ${guard} ON CONFLICT (${key.map(quoted).join()}) DO ${conflict}`;
  return { text, values: [storable(JSON.stringify(rows)), ...(document === undefined ? [] : [documentsOf(rows, document)])] };
}

/** A document within the JSON of its row would be read twice: to find the row's end, and to be stored. */
function documentsOf(rows: readonly Columns[], column: string): Buffer {
  return jsonbArray(rows.map((row) => storable((row[column] as JsonText).text)));
}

function removing({ table, key }: Target, keys: readonly Columns[], guard: string): Statement {
  const names = key.map(quoted).join();
  const text = `DELETE FROM ${quoted(table)} WHERE (${names}) IN (SELECT ${names} FROM json_populate_recordset(NULL::${quoted(table)}, $1)) AND ${guard}`;
  return { text, values: [storable(JSON.stringify(keys))] };
}

/** As JSON that PostgreSQL can keep: it takes neither the character 0 nor halves of surrogate pairs, in values and in names. */
function storable(text: string): string {
  // Only these, and other control characters, are written so.
  return text.includes('\\u') ? text.replaceAll(escapes, (escape) => (isStorable(escape) ? escape : replacement)) : text;
}

/** A backslash that is itself escaped begins nothing. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;
const replacement = '\\ufffd';

const isStorable = (escape: string): boolean => escape !== '\\u0000' && !/^\\ud[89a-f]/.test(escape);

export const quoted = (name: string): string => pg.escapeIdentifier(name);
