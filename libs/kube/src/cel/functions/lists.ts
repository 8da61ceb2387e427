import { compareValues, equalValues } from '../compare.ts';
import { CelError, CelList, Duration, keyText, noSuchOverload, Optional, optionalNone, Uint, ValueList, type Value } from '../values.ts';
import { global, member, type Overload } from './declare.ts';
import { contains, durationOf, int64, uint64 } from './operators.ts';

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const summable: readonly (readonly [type: string, zero: Value])[] = [
  ['int', 0n],
  ['uint', new Uint(0n)],
  ['double', 0],
  ['duration', new Duration(0n)],
];

/** Kubernetes' list functions, CEL's list and set extensions. */
export const listFunctions: readonly Overload[] = [
  ...comparable.flatMap((type) => [
    member('isSorted', `list_${type}_is_sorted_bool`, `list(${type}) -> bool`, isSorted),
    member('min', `list_${type}_min_${type}`, `list(${type}) -> ${type}`, (list: CelList) => extreme(list, 'min', -1)),
    member('max', `list_${type}_max_${type}`, `list(${type}) -> ${type}`, (list: CelList) => extreme(list, 'max', 1)),
    member('sort', `list_${type}_sort`, `list(${type}) -> list(${type})`, sort),
    member('@sortByAssociatedKeys', `list_${type}_sortByAssociatedKeys`, `list(T), list(${type}) -> list(T)`, sortByKeys),
  ]),
  ...summable.map(([type, zero]) =>
    member('sum', `list_${type}_sum_${type}`, `list(${type}) -> ${type}`, (list: CelList) => sum(list, zero)),
  ),
  member('indexOf', 'list_a_index_of_int', 'list(A), A -> int', (list: CelList, item: Value) =>
    BigInt(list.values().findIndex((other) => equalValues(other, item))),
  ),
  member('lastIndexOf', 'list_a_last_index_of_int', 'list(A), A -> int', (list: CelList, item: Value) =>
    BigInt(list.values().findLastIndex((other) => equalValues(other, item))),
  ),
  member('slice', 'list_slice', 'list(A), int, int -> list(A)', slice),
  member('flatten', 'list_flatten', 'list(list(A)) -> list(A)', (list: CelList) => flatten(list, 1n)),
  member('flatten', 'list_flatten_int', 'list(dyn), int -> list(dyn)', flatten),
  member('reverse', 'list_reverse', 'list(A) -> list(A)', (list: CelList) => new ValueList(list.values().toReversed())),
  member('distinct', 'list_distinct', 'list(A) -> list(A)', distinct),
  member('first', 'list_first', 'list(A) -> optional(A)', (list: CelList) => (list.length > 0 ? new Optional(list.at(0)) : optionalNone)),
  member('last', 'list_last', 'list(A) -> optional(A)', (list: CelList) =>
    list.length > 0 ? new Optional(list.at(list.length - 1)) : optionalNone,
  ),
  global('lists.range', 'lists_range', 'int -> list(int)', range),
  global('sets.contains', 'list_sets_contains_list', 'list(A), list(A) -> bool', includes),
  global('sets.intersects', 'list_sets_intersects_list', 'list(A), list(A) -> bool', (left: CelList, right: CelList) =>
    right.values().some((item) => contains(left, item)),
  ),
  global('sets.equivalent', 'list_sets_equivalent_list', 'list(A), list(A) -> bool', (left: CelList, right: CelList) => {
    return includes(left, right) && includes(right, left);
  }),
];

function includes(whole: CelList, part: CelList): boolean {
  return part.values().every((item) => contains(whole, item));
}

function isSorted(list: CelList): Value {
  for (let index = 1; index < list.length; index++) {
    const order = compareValues(list.at(index - 1), list.at(index));
    if (order === undefined) return noSuchOverload;
    if (order > 0) return false;
  }
  return true;
}

function extreme(list: CelList, name: string, wanted: number): Value {
  if (list.length === 0) return new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const item of list.values()) {
    const order = compareValues(item, best);
    if (order === undefined) return noSuchOverload;
    if (Math.sign(order) === wanted) best = item;
  }
  return best;
}

function sum(list: CelList, zero: Value): Value {
  let total = zero;
  for (const item of list.values()) {
    total = added(total, item);
    if (total instanceof CelError) return total;
  }
  return total;
}

function added(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return int64(left + right);
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (left instanceof Uint && right instanceof Uint) return uint64(left.value + right.value);
  return left instanceof Duration && right instanceof Duration ? durationOf(left.nanos + right.nanos) : noSuchOverload;
}

function sort(list: CelList): Value {
  const [first] = list.values();
  if (list.values().some((item) => compareValues(first ?? null, item) === undefined)) return noSuchOverload;
  return new ValueList(list.values().toSorted((left, right) => compareValues(left, right) ?? 0));
}

function sortByKeys(list: CelList, keys: CelList): Value {
  if (list.length !== keys.length)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.length} and ${keys.length} elements respectively`,
    );
  const first = keys.length > 0 ? keys.at(0) : null;
  if (keys.values().some((key) => compareValues(first, key) === undefined)) return noSuchOverload;
  const order = keys
    .values()
    .map((key, index) => ({ key, index }))
    .toSorted((left, right) => compareValues(left.key, right.key) ?? 0);
  return new ValueList(order.map(({ index }) => list.at(index)));
}

function slice(list: CelList, start: bigint, end: bigint): Value {
  if (start < 0n || end < 0n) return new CelError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) return new CelError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) return new CelError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return new ValueList(list.values().slice(Number(start), Number(end)));
}

function flatten(list: CelList, depth: bigint): Value {
  if (depth < 0n) return new CelError('level must be non-negative');
  return new ValueList(list.values().flatMap((item) => flattened(item, depth)));
}

function flattened(item: Value, depth: bigint): readonly Value[] {
  if (!(item instanceof CelList) || depth === 0n) return [item];
  return item.values().flatMap((inner) => flattened(inner, depth - 1n));
}

function distinct(list: CelList): Value {
  const seen = new Set<string>();
  const kept: Value[] = [];
  for (const item of list.values()) {
    const scalar = item === null || typeof item !== 'object' || item instanceof Uint;
    if (scalar ? seen.has(keyText(item)) : kept.some((other) => equalValues(other, item))) continue;
    if (scalar) seen.add(keyText(item));
    kept.push(item);
  }
  return new ValueList(kept);
}

const rangeMax = 1_000_000n;

function range(count: bigint): Value {
  if (count > rangeMax) return new CelError(`lists.range: ${count} is more than ${rangeMax}`);
  return new ValueList(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => BigInt(index)));
}
