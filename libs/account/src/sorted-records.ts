import type { ResourceKey } from '#kube';
import type { ObjectRecord } from './object-record.ts';

// A NUL sorts below every character that a name may hold, so that `a/x` stands before `a-b/x`.
export const pathOf = ({ namespace, name }: ResourceKey): string => `${namespace}\0${name}`;

/** Sorted records with changes by path taken in; null: there is none any more. Few changes cost little, however many records there are. */
export function withChanges(records: readonly ObjectRecord[], changes: ReadonlyMap<string, ObjectRecord | null>): readonly ObjectRecord[] {
  const merged: ObjectRecord[] = [];
  let from = 0;
  for (const [path, now] of [...changes].sort(byPath)) {
    const at = placeOf(path, records, from);
    for (; from < at; from++) merged.push(records[from] as ObjectRecord);
    const old = records[at];
    if (old && pathOf(old.key) === path) from++;
    if (now) merged.push(now);
  }
  for (; from < records.length; from++) merged.push(records[from] as ObjectRecord);
  return merged;
}

function placeOf(path: string, records: readonly ObjectRecord[], from: number): number {
  let [low, high] = [from, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pathOf((records[middle] as ObjectRecord).key) < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

const byPath = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
