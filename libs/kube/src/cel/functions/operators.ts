import { codePoints, compareValues, equalValues } from '../compare.ts';
import { CelError, type CelList, CelMap, Duration, noSuchOverload, Timestamp, Uint, ValueList, type Value } from '../values.ts';
import { global, member, type Overload } from './declare.ts';

const overflow = new CelError('integer overflow');
const unsignedOverflow = new CelError('unsigned integer overflow');
const divisionByZero = new CelError('division by zero');
const notOrdered = new CelError('NaN values cannot be ordered');
const modulusByZero = new CelError('modulus by zero');

/** The value, if it fits 64 bits. */
export function int64(value: bigint): Value {
  return BigInt.asIntN(64, value) === value ? value : overflow;
}

export function uint64(value: bigint): Value {
  return BigInt.asUintN(64, value) === value ? new Uint(value) : unsignedOverflow;
}

const durationNanosMax = 9223372036854775807n;

export function durationOf(nanos: bigint): Value {
  return nanos > durationNanosMax || nanos < -durationNanosMax - 1n ? overflow : new Duration(nanos);
}

const timestampMin = -62135596800n * 1_000_000_000n;
const timestampMax = 253402300799n * 1_000_000_000n + 999_999_999n;

export function timestampOf(nanos: bigint): Value {
  return nanos < timestampMin || nanos > timestampMax ? new CelError('timestamp overflow') : new Timestamp(nanos);
}

const sums: readonly Overload[] = [
  global('_+_', 'add_int64', 'int, int -> int', (a: bigint, b: bigint) => int64(a + b)),
  global('_+_', 'add_uint64', 'uint, uint -> uint', (a: Uint, b: Uint) => uint64(a.value + b.value)),
  global('_+_', 'add_double', 'double, double -> double', (a: number, b: number) => a + b),
  global('_+_', 'add_string', 'string, string -> string', (a: string, b: string) => a + b),
  global('_+_', 'add_bytes', 'bytes, bytes -> bytes', (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b]))),
  global('_+_', 'add_list', 'list(A), list(A) -> list(A)', joinLists),
  global('_+_', 'add_timestamp_duration', 'timestamp, duration -> timestamp', (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos + b.nanos),
  ),
  global('_+_', 'add_duration_timestamp', 'duration, timestamp -> timestamp', (a: Duration, b: Timestamp) =>
    timestampOf(a.nanos + b.nanos),
  ),
  global('_+_', 'add_duration_duration', 'duration, duration -> duration', (a: Duration, b: Duration) => durationOf(a.nanos + b.nanos)),
];

/** Sets and list maps join by key: what the right one has takes the place of what the left one had. */
function joinLists(left: CelList, right: CelList): Value {
  const keying = left.keying;
  if (keying === undefined) return new ValueList([...left.values(), ...right.values()]);
  const joined = new Map(left.values().map((item) => [keying.textOf(item), item]));
  for (const item of right.values()) joined.set(keying.textOf(item), item);
  return new ValueList([...joined.values()], keying);
}

const differences: readonly Overload[] = [
  global('_-_', 'subtract_int64', 'int, int -> int', (a: bigint, b: bigint) => int64(a - b)),
  global('_-_', 'subtract_uint64', 'uint, uint -> uint', (a: Uint, b: Uint) => uint64(a.value - b.value)),
  global('_-_', 'subtract_double', 'double, double -> double', (a: number, b: number) => a - b),
  global('_-_', 'subtract_timestamp_timestamp', 'timestamp, timestamp -> duration', (a: Timestamp, b: Timestamp) =>
    durationOf(a.nanos - b.nanos),
  ),
  global('_-_', 'subtract_timestamp_duration', 'timestamp, duration -> timestamp', (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos - b.nanos),
  ),
  global('_-_', 'subtract_duration_duration', 'duration, duration -> duration', (a: Duration, b: Duration) =>
    durationOf(a.nanos - b.nanos),
  ),
  global('-_', 'negate_int64', 'int -> int', (a: bigint) => int64(-a)),
  global('-_', 'negate_double', 'double -> double', (a: number) => -a),
];

const products: readonly Overload[] = [
  global('_*_', 'multiply_int64', 'int, int -> int', (a: bigint, b: bigint) => int64(a * b)),
  global('_*_', 'multiply_uint64', 'uint, uint -> uint', (a: Uint, b: Uint) => uint64(a.value * b.value)),
  global('_*_', 'multiply_double', 'double, double -> double', (a: number, b: number) => a * b),
  global('_/_', 'divide_int64', 'int, int -> int', (a: bigint, b: bigint) => (b === 0n ? divisionByZero : int64(a / b))),
  global('_/_', 'divide_uint64', 'uint, uint -> uint', (a: Uint, b: Uint) => (b.value === 0n ? divisionByZero : uint64(a.value / b.value))),
  global('_/_', 'divide_double', 'double, double -> double', (a: number, b: number) => a / b),
  global('_%_', 'modulo_int64', 'int, int -> int', (a: bigint, b: bigint) => (b === 0n ? modulusByZero : int64(a % b))),
  global('_%_', 'modulo_uint64', 'uint, uint -> uint', (a: Uint, b: Uint) => (b.value === 0n ? modulusByZero : uint64(a.value % b.value))),
];

const comparisons: readonly (readonly [operator: string, id: string, holds: (order: number) => boolean])[] = [
  ['_<_', 'less', (order) => order < 0],
  ['_<=_', 'less_equals', (order) => order <= 0],
  ['_>_', 'greater', (order) => order > 0],
  ['_>=_', 'greater_equals', (order) => order >= 0],
];
const ordered = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
const crossed = ['int, double', 'int, uint', 'uint, double', 'uint, int', 'double, int', 'double, uint'];

const orders: readonly Overload[] = comparisons.flatMap(([operator, id, holds]) => {
  const run = (a: Value, b: Value): Value => {
    const order = compareValues(a, b);
    if (order === undefined) return noSuchOverload;
    return Number.isNaN(order) ? notOrdered : holds(order);
  };
  return [
    ...ordered.map((type) => global(operator, `${id}_${type}`, `${type}, ${type} -> bool`, run)),
    ...crossed.map((pair) => global(operator, `${id}_${pair.replace(', ', '_')}`, `${pair} -> bool`, run)),
  ];
});

const sizes: readonly Overload[] = ['string', 'bytes', 'list(A)', 'map(A, B)'].flatMap((type) => {
  const id = type.replace(/\(.*/, '');
  return [global('size', `size_${id}`, `${type} -> int`, sizeOf), member('size', `${id}_size`, `${type} -> int`, sizeOf)];
});

function sizeOf(value: string | Uint8Array | CelList | CelMap): Value {
  if (typeof value === 'string') return BigInt(codePoints(value));
  return BigInt(value instanceof CelMap ? value.size : value.length);
}

/** Elements by place; whole doubles count as places too, when a type was unknown. */
function itemAt(list: CelList, index: Value): Value {
  if (typeof index !== 'bigint' && typeof index !== 'number' && !(index instanceof Uint)) return noSuchOverload;
  const place = Number(index instanceof Uint ? index.value : index);
  return place >= 0 && place < list.length && Number.isInteger(place)
    ? list.at(place)
    : new CelError(`index out of bounds: ${index instanceof Uint ? index.value : index}`);
}

function entryOf(map: CelMap, key: Value): Value {
  return map.find(key) ?? new CelError(`no such key: ${typeof key === 'object' ? '' : String(key)}`);
}

/** `_&&_`, `_||_` and `_?_:_` do not run from here: they need not look at all their operands. */
export const operatorFunctions: readonly Overload[] = [
  global('_&&_', 'logical_and', 'bool, bool -> bool', () => noSuchOverload),
  global('_||_', 'logical_or', 'bool, bool -> bool', () => noSuchOverload),
  global('_?_:_', 'conditional', 'bool, A, A -> A', () => noSuchOverload),
  global('@not_strictly_false', 'not_strictly_false', 'bool -> bool', () => noSuchOverload),
  global('!_', 'logical_not', 'bool -> bool', (a: boolean) => !a),
  global('_==_', 'equals', 'A, A -> bool', equalValues),
  global('_!=_', 'not_equals', 'A, A -> bool', (a: Value, b: Value) => !equalValues(a, b)),
  global('@in', 'in_list', 'A, list(A) -> bool', (item: Value, list: CelList) => contains(list, item)),
  global('@in', 'in_map', 'A, map(A, B) -> bool', (key: Value, map: CelMap) => map.find(key) !== undefined),
  global('_[_]', 'index_list', 'list(A), int -> A', itemAt),
  global('_[_]', 'index_map', 'map(A, B), A -> B', entryOf),
  ...sums,
  ...differences,
  ...products,
  ...orders,
  ...sizes,
];

export function contains(list: CelList, item: Value): boolean {
  for (let index = 0; index < list.length; index++) if (equalValues(list.at(index), item)) return true;
  return false;
}
