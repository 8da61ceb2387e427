import pg from 'pg';
import type { View } from '#projection';
import { textArray } from '../log/binary-array.ts';
import { columnType } from '../schema/column-types.ts';
import type { Step } from './gathered.ts';

export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** Where the statements of a view write: the table itself, or one that is being filled to take its place. */
export type Target = Pick<View, 'key'> & { readonly table: string; readonly view: string };

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
  const { table, key } = target;
  const columns = Object.keys(rows[0] ?? {});
  const names = columns.map(quoted).join();
  const sets = columns.filter((column) => !key.includes(column)).map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const conflict = sets.length > 0 ? `UPDATE SET ${sets.join()}` : 'NOTHING';
  const text = `INSERT INTO ${quoted(table)} (${names}) SELECT ${unnested(target, columns)} WHERE ${guard} ON CONFLICT (${key.map(quoted).join()}) DO ${conflict}`;
  return { text, values: valuesOf(target, columns, rows) };
}

function removing(target: Target, rows: readonly Columns[], guard: string): Statement {
  const { table, key } = target;
  const names = key.map(quoted).join();
  const text = `DELETE FROM ${quoted(table)} WHERE (${names}) IN (SELECT ${unnested(target, key)}) AND ${guard}`;
  return { text, values: valuesOf(target, key, rows) };
}

/** Columns side by side as arrays of texts: the server parses nothing but the values themselves. As JSON, a row takes it twice as long. */
function unnested({ view }: Target, columns: readonly string[]): string {
  const casts = columns.map((column) => `rows.${quoted(column)}::${columnType(view, column)}`);
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`);
  return `${casts.join()} FROM unnest(${arrays.join()}) AS rows(${columns.map(quoted).join()})`;
}

function valuesOf({ view }: Target, columns: readonly string[], rows: readonly Columns[]): Buffer[] {
  return columns.map((column) => {
    const type = columnType(view, column);
    return textArray(rows.map((row) => textOf(row[column], type)));
  });
}

/** As PostgreSQL can keep it: it takes neither the character 0 nor halves of surrogate pairs, in values and in names. */
function textOf(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'jsonb') return storable(JSON.stringify(value));
  if (Array.isArray(value)) return `{${value.map((each) => quotedItem(String(each))).join()}}`;
  const text = String(value);
  return text.includes('\0') ? text.replaceAll('\0', replacement) : text;
}

const quotedItem = (text: string): string => `"${text.replaceAll('\0', replacement).replaceAll(/["\\]/g, '\\$&')}"`;

function storable(json: string): string {
  // Only these, and other control characters, are written so.
  return json.includes('\\u') ? json.replaceAll(escapes, (escape) => (isStorable(escape) ? escape : replacement)) : json;
}

/** A backslash that is itself escaped begins nothing. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;
const replacement = '\ufffd';

const isStorable = (escape: string): boolean => escape !== '\\u0000' && !/^\\ud[89a-f]/.test(escape);

export const quoted = (name: string): string => pg.escapeIdentifier(name);
