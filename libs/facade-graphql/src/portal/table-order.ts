import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredObject } from '#workspace';
import { badRequest } from '../asking.ts';
import { compareValues } from '../resolve/field-path.ts';
import { columnNamed, type TableColumn } from './table-columns.ts';

export type CellFilter = {
  readonly column: string;
  readonly in?: readonly string[] | null;
  readonly notIn?: readonly string[] | null;
  readonly contains?: string | null;
};

type Columns = ReadonlyMap<string, TableColumn>;

/** Others get their turn between so many rows. */
const rowsPerTurn = 500;
const keysMax = 5;
const wordsMax = 10;

export async function filtered(
  items: readonly StoredObject[],
  filters: readonly CellFilter[],
  columns: Columns,
): Promise<readonly StoredObject[]> {
  if (filters.length === 0) return items;
  const tests = filters.map((filter) => {
    const column = columnNamed(columns, filter.column);
    const part = filter.contains?.toLowerCase();
    return (item: StoredObject): boolean => {
      const value = textOf(column.value(item));
      if (filter.in && !filter.in.includes(value)) return false;
      if (filter.notIn?.includes(value)) return false;
      return part === undefined || value.toLowerCase().includes(part);
    };
  });
  return kept(items, (item) => tests.every((isSo) => isSo(item)));
}

/** Each of the words stands somewhere in what is told of the object. */
export async function searched(items: readonly StoredObject[], search: string, columns: Columns): Promise<readonly StoredObject[]> {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return items;
  if (words.length > wordsMax) throw badRequest(`search takes at most ${wordsMax} words`);
  let texts = toldTexts.get(columns);
  if (texts === undefined) toldTexts.set(columns, (texts = new WeakMap()));
  const told = texts;
  return kept(items, (item) => {
    let text = told.get(item);
    if (text === undefined) told.set(item, (text = toldOf(item, columns)));
    return words.every((word) => text.includes(word));
  });
}

/** What is told of objects, as long as these are as they are: people search while they type. */
const toldTexts = new WeakMap<Columns, WeakMap<StoredObject, string>>();

function toldOf(item: StoredObject, columns: Columns): string {
  const labels = Object.entries(item.labels).map(([key, value]) => `${key}=${value}`);
  const cells = Array.from(columns.values(), (column) => textOf(column.value(item)));
  return [item.name, item.namespace, ...labels, ...cells].join('\n').toLowerCase();
}

/** What has no such value goes last, in either direction; among equals the order is by namespace and name. */
export async function sortedRows(items: readonly StoredObject[], sort: string, columns: Columns): Promise<readonly StoredObject[]> {
  if (sort === '') return items;
  const keys = sort.split(',').map((text) => {
    const name = text.trim();
    const down = name.startsWith('-');
    return { down, column: columnNamed(columns, down ? name.slice(1) : name) };
  });
  if (keys.length > keysMax) throw badRequest(`sort takes at most ${keysMax} columns`);
  const columnsOfValues: unknown[][] = keys.map(() => []);
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % rowsPerTurn === 0) await nextTurn();
    for (const [key, { column }] of keys.entries()) columnsOfValues[key]?.push(comparable(column, column.value(item)));
  }
  const places = Uint32Array.from(items.keys());
  places.sort((a, b) => {
    for (const [key, { down }] of keys.entries()) {
      const values = columnsOfValues[key] ?? [];
      const order = compareValues(values[a], values[b], down);
      if (order !== 0) return order;
    }
    return a - b;
  });
  return Array.from(places, (place) => items[place] as StoredObject);
}

async function kept(items: readonly StoredObject[], isSo: (item: StoredObject) => boolean): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % rowsPerTurn === 0) await nextTurn();
    if (isSo(item)) found.push(item);
  }
  return found;
}

function comparable({ type, isPath }: TableColumn, value: unknown): unknown {
  if (value === undefined || value === null || isPath === true) return value;
  if (type === 'date') {
    const time = Date.parse(textOf(value));
    // An age grows as its time goes back.
    return Number.isNaN(time) ? undefined : -time;
  }
  if (type !== 'string')
    return typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  return textOf(value);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | bigint | boolean);
}
