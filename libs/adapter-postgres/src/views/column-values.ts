import type { EntitySchemaColumnOptions } from 'typeorm';
import { JsonText } from '#projection';
import { jsonbArray, textArray } from '../log/binary-array.ts';
import { viewTables } from '../schema/view-tables.ts';

/** How the values of a column come to PostgreSQL: `array` as a parameter's type, `cast` to the column's own where that is another. */
export type Carriage = { readonly array: 'text[]' | 'jsonb[]'; readonly cast: string };

const asText: Carriage = { array: 'text[]', cast: '' };
const asJson: Carriage = { array: 'jsonb[]', cast: '' };

/** @throws TypeError where the view has no such column */
export function carriageOf(view: string, column: string): Carriage {
  const type = typeOf(view, column);
  return type === 'text' ? asText : type === 'jsonb' ? asJson : { array: 'text[]', cast: `::${type}` };
}

/** The values of one column of many rows, as PostgreSQL can keep them: it takes neither the character 0 nor halves of surrogate pairs. */
export function columnArray({ array, cast }: Carriage, values: readonly unknown[]): Buffer {
  return array === 'jsonb[]' ? jsonbArray(values.map(jsonOf)) : textArray(values.map(cast === '::text[]' ? listOf : textOf));
}

function jsonOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return storableJson(value instanceof JsonText ? value.text : JSON.stringify(value));
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'string' ? value : String(value as number | bigint | boolean);
  // Halves of surrogate pairs are replaced by whoever makes bytes of them.
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

function listOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const items = value as readonly string[];
  return items.length === 0 ? '{}' : `{${items.map((item) => `"${(textOf(item) ?? '').replaceAll(/["\\]/g, '\\$&')}"`).join()}}`;
}

function storableJson(text: string): string {
  // Only these, and other control characters, are written so.
  return text.includes('\\u') ? text.replaceAll(escapes, (escape) => (isStorable(escape) ? escape : replacement)) : text;
}

/** A backslash that is itself escaped begins nothing. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;
const replacement = '\\ufffd';

const isStorable = (escape: string): boolean => escape !== '\\u0000' && !/^\\ud[89a-f]/.test(escape);

const tables: ReadonlyMap<string, Readonly<Record<string, EntitySchemaColumnOptions>>> = new Map(
  viewTables.map(({ options }) => [options.name, options.columns as Readonly<Record<string, EntitySchemaColumnOptions>>]),
);

function typeOf(view: string, column: string): string {
  const options = tables.get(view)?.[column];
  if (options === undefined) throw new TypeError(`the view ${view} has no column ${column}`);
  return `${String(options.type)}${options.array === true ? '[]' : ''}`;
}
