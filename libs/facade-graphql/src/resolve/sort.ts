import type { StoredObject } from '#workspace';
import { badRequest } from '../asking.ts';
import { compareValues, pathOf, valueAt } from './field-path.ts';

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
  const path = pathOf(down ? text.trim().slice(1) : text.trim());
  if (path.length === 0) throw badRequest(`sortBy: a field is missing in ${JSON.stringify(text)}`);
  return { down, path };
}

function compareRows(a: readonly unknown[], b: readonly unknown[], keys: readonly SortKey[]): number {
  for (const [index, { down }] of keys.entries()) {
    const order = compareValues(a[index], b[index], down);
    if (order !== 0) return order;
  }
  return 0;
}
