import type { StoredObject } from '#workspace';
import { badRequest } from '../asking.ts';

const keysMax = 5;

/**
 * The whole list by the values of fields: `spec.region`, downwards with a minus in front, several with commas between. Numbers go before texts;
 * what has no such field goes last, in either direction. Among equals the order is by namespace and name. @throws GraphQLError
 */
export function sorted(items: readonly StoredObject[], sortBy: string): readonly StoredObject[] {
  if (sortBy === '' || items.length < 2) return items;
  const keys = sortBy.split(',').map(keyOf);
  if (keys.length > keysMax) throw badRequest(`sortBy takes at most ${keysMax} fields`);
  const rows = items.map((item) => ({ item, values: keys.map(({ path }) => valueAt(item, path)) }));
  // Array.prototype.sort is stable, and what comes in is in order already.
  return rows.sort((a, b) => compareRows(a.values, b.values, keys)).map(({ item }) => item);
}

type SortKey = { readonly path: readonly string[]; readonly down: boolean };

function keyOf(text: string): SortKey {
  const down = text.trim().startsWith('-');
  const path = (down ? text.trim().slice(1) : text.trim()).replace(/^\./, '');
  if (path === '') throw badRequest(`sortBy: a field is missing in ${JSON.stringify(text)}`);
  // A dot inside of a name is written \. as in a JSONPath of kubectl.
  return { down, path: (path.match(/(?:\\.|[^.\\])+/g) ?? []).map((part) => part.replace(/\\(.)/g, '$1')) };
}

function valueAt({ object }: StoredObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const field of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[field];
  }
  return value;
}

function compareRows(a: readonly unknown[], b: readonly unknown[], keys: readonly SortKey[]): number {
  for (const [index, { down }] of keys.entries()) {
    const [one, other] = [a[index], b[index]];
    const byKind = rankOf(one) - rankOf(other);
    const last = rankOf(undefined);
    if (byKind !== 0) return rankOf(one) === last || rankOf(other) === last ? byKind : down ? -byKind : byKind;
    const byValue = compareAlike(one, other);
    if (byValue !== 0) return down ? -byValue : byValue;
  }
  return 0;
}

function compareAlike(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isComparable(a) && isComparable(b)) return a < b ? -1 : a > b ? 1 : 0;
  return 0;
}

const isComparable = (value: unknown): value is number | bigint | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';

function rankOf(value: unknown): number {
  if (typeof value === 'boolean') return 0;
  if (typeof value === 'number' || typeof value === 'bigint') return 1;
  return typeof value === 'string' ? 2 : 3;
}
