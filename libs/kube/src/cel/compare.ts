import { CelList, CelMap, Duration, OpaqueValue, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts';

/** CEL's equality: numbers by worth whatever their type, values of different types are unequal, never an error. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right) === 0;
  if (left instanceof CelList) return right instanceof CelList && equalLists(left, right);
  if (left instanceof CelMap) return right instanceof CelMap && equalMaps(left, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && compareBytes(left, right) === 0;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof TypeValue) return right instanceof TypeValue && left.name === right.name;
  if (left instanceof OpaqueValue) return right instanceof OpaqueValue && left.type === right.type && left.equals(right);
  if (left instanceof Optional) return right instanceof Optional && equalOptionals(left, right);
  return false;
}

function equalOptionals(left: Optional, right: Optional): boolean {
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return equalValues(left.value, right.value);
}

function equalLists(left: CelList, right: CelList): boolean {
  if (left.length !== right.length) return false;
  const keying = left.keying;
  if (keying) return equalKeyed(left, right, keying.textOf);
  for (let index = 0; index < left.length; index++) if (!equalValues(left.at(index), right.at(index))) return false;
  return true;
}

function equalKeyed(left: CelList, right: CelList, textOf: (item: Value) => string): boolean {
  const others = new Map(right.values().map((item) => [textOf(item), item]));
  return left.values().every((item) => {
    const other = others.get(textOf(item));
    return other !== undefined && equalValues(item, other);
  });
}

function equalMaps(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  return left.keys().every((key) => {
    const [mine, other] = [left.find(key), right.find(key)];
    return mine !== undefined && other !== undefined && equalValues(mine, other);
  });
}

type Numeric = bigint | number | Uint;

function isNumeric(value: Value): value is Numeric {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** -1, 0, 1; NaN for what has no order (NaN itself). An integer beside a double is compared as one. */
function compareNumbers(left: Numeric, right: Numeric): number {
  const whole = typeof left !== 'number' && typeof right !== 'number';
  const [a, b] = whole ? [integerOf(left), integerOf(right)] : [Number(integerOf(left)), Number(integerOf(right))];
  if (a < b) return -1;
  if (a > b) return 1;
  return typeof a === 'number' && Number.isNaN(a) ? NaN : typeof b === 'number' && Number.isNaN(b) ? NaN : 0;
}

function integerOf(value: Numeric): bigint | number {
  return value instanceof Uint ? value.value : value;
}

/** Order of two values of one type. Undefined: they have none. */
export function compareValues(left: Value, right: Value): number | undefined {
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Duration && right instanceof Duration) return compareNumbers(left.nanos, right.nanos);
  if (left instanceof Timestamp && right instanceof Timestamp) return compareNumbers(left.nanos, right.nanos);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  return undefined;
}

/** By code point, as UTF-8 sorts: UTF-16 would put astral characters before some of the basic plane. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const end = Math.min(left.length, right.length);
  for (let index = 0; index < end; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a === b) continue;
    return rank(a) < rank(b) ? -1 : 1;
  }
  return left.length < right.length ? -1 : 1;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Math.sign(Buffer.compare(left, right));
}

/** The size a cost counts with: code points, bytes, items; 1 for what has no size. */
export function costSize(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (value === null || typeof value !== 'object') return 1;
  if (value instanceof CelList) return value.length;
  if (value instanceof CelMap) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof OpaqueValue) return value.costSize;
  if (value instanceof Optional && value.value !== undefined) return costSize(value.value);
  return 1;
}

export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
}
