import { CelError, CelList, CelMap, Duration, Optional, optionalNone, Uint, ValueList, type Value } from '../values.ts';
import { global, member, type Overload } from './declare.ts';

/** CEL's optional values: `self.?a.orValue(1)`, `optional.of(x)`. */
export const optionalFunctions: readonly Overload[] = [
  global('optional.of', 'optional_of', 'A -> optional(A)', (value: Value) => new Optional(value)),
  global('optional.ofNonZeroValue', 'optional_ofNonZeroValue', 'A -> optional(A)', (value: Value) =>
    isZero(value) ? optionalNone : new Optional(value),
  ),
  global('optional.none', 'optional_none', ' -> optional(A)', () => optionalNone),
  global('optional.unwrap', 'optional_unwrap', 'list(optional(A)) -> list(A)', unwrap),
  member('unwrapOpt', 'optional_unwrapOpt', 'list(optional(A)) -> list(A)', unwrap),
  member('value', 'optional_value', 'optional(A) -> A', ({ value }: Optional) => value ?? new CelError('optional.none() dereference')),
  member('hasValue', 'optional_hasValue', 'optional(A) -> bool', ({ value }: Optional) => value !== undefined),
  member('or', 'optional_or_optional', 'optional(A), optional(A) -> optional(A)', (first: Optional, second: Optional) =>
    first.value === undefined ? second : first,
  ),
  member('orValue', 'optional_orValue_value', 'optional(A), A -> A', ({ value }: Optional, other: Value) => value ?? other),
  global('_[?_]', 'list_optindex_optional_int', 'list(A), int -> optional(A)', optionalIndex),
  global('_[?_]', 'optional_list_optindex_optional_int', 'optional(list(A)), int -> optional(A)', indexInside),
  global('_[?_]', 'map_optindex_optional_value', 'map(K, V), K -> optional(V)', optionalIndex),
  global('_[?_]', 'optional_map_optindex_optional_value', 'optional(map(K, V)), K -> optional(V)', indexInside),
  global('_[_]', 'optional_list_index_int', 'optional(list(A)), int -> optional(A)', indexInside),
  global('_[_]', 'optional_map_index_value', 'optional(map(K, V)), K -> optional(V)', indexInside),
];

function unwrap(list: CelList): Value {
  return new ValueList(list.values().flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : [])));
}

function indexInside({ value }: Optional, key: Value): Value {
  return value instanceof CelList || value instanceof CelMap ? optionalIndex(value, key) : optionalNone;
}

function optionalIndex(container: CelList | CelMap, key: Value): Value {
  const found = container instanceof CelMap ? container.find(key) : itemAt(container, key);
  return found === undefined ? optionalNone : new Optional(found);
}

function itemAt(list: CelList, index: Value): Value | undefined {
  if (typeof index !== 'bigint' || index < 0n || index >= BigInt(list.length)) return undefined;
  return list.at(Number(index));
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return true;
  if (value instanceof CelList || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Optional) return value.value === undefined;
  return value instanceof Uint && value.value === 0n;
}
