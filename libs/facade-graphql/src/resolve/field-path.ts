import type { StoredObject } from '#workspace';

/** `spec.region`, `.spec.region`: a dot inside of a name is written \. as in a JSONPath of kubectl. Empty where it names no field. */
export function pathOf(text: string): readonly string[] {
  const parts = text.replace(/^\./, '').match(/(?:\\.|[^.\\])+/g) ?? [];
  return parts.map((part) => part.replace(/\\(.)/g, '$1'));
}

/** Undefined where there is no such field. */
export function valueAt({ object }: Pick<StoredObject, 'object'>, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const field of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[field];
  }
  return value;
}

/** Numbers go before texts; what is neither goes last, in either direction. */
export function compareValues(one: unknown, other: unknown, down: boolean): number {
  const byKind = rankOf(one) - rankOf(other);
  if (byKind !== 0) return rankOf(one) === lastRank || rankOf(other) === lastRank ? byKind : down ? -byKind : byKind;
  const byValue = compareAlike(one, other);
  return down ? -byValue : byValue;
}

function compareAlike(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isComparable(a) && isComparable(b)) return a < b ? -1 : a > b ? 1 : 0;
  return 0;
}

const isComparable = (value: unknown): value is number | bigint | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';

const lastRank = 3;

function rankOf(value: unknown): number {
  if (typeof value === 'boolean') return 0;
  if (typeof value === 'number' || typeof value === 'bigint') return 1;
  return typeof value === 'string' ? 2 : lastRank;
}
