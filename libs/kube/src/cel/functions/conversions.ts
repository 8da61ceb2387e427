import { goFloat } from '../../schema/go-text.ts';
import { CelError, type Duration, Timestamp, TypeValue, typeNameOf, Uint, type Value } from '../values.ts';
import { global, type Overload } from './declare.ts';
import { int64, uint64 } from './operators.ts';
import { durationText, parseDuration, parseTimestamp, timestampText } from './time-text.ts';

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const rangeError = new CelError('integer overflow');

export const conversionFunctions: readonly Overload[] = [
  global('dyn', 'to_dyn', 'A -> dyn', (value: Value) => value),
  global('type', 'type', 'A -> type(A)', (value: Value) => new TypeValue(typeNameOf(value))),
  global('int', 'int64_to_int64', 'int -> int', (value: bigint) => value),
  global('int', 'uint64_to_int64', 'uint -> int', ({ value }: Uint) => int64(value)),
  global('int', 'double_to_int64', 'double -> int', wholeNumber),
  global('int', 'string_to_int64', 'string -> int', parseInteger),
  global('int', 'timestamp_to_int64', 'timestamp -> int', ({ nanos }: Timestamp) => floorSeconds(nanos)),
  global('int', 'duration_to_int64', 'duration -> int', ({ nanos }: Duration) => nanos),
  global('uint', 'uint64_to_uint64', 'uint -> uint', (value: Uint) => value),
  global('uint', 'int64_to_uint64', 'int -> uint', (value: bigint) => uint64(value)),
  global('uint', 'double_to_uint64', 'double -> uint', wholeUnsigned),
  global('uint', 'string_to_uint64', 'string -> uint', parseUnsigned),
  global('double', 'double_to_double', 'double -> double', (value: number) => value),
  global('double', 'int64_to_double', 'int -> double', (value: bigint) => Number(value)),
  global('double', 'uint64_to_double', 'uint -> double', ({ value }: Uint) => Number(value)),
  global('double', 'string_to_double', 'string -> double', parseDouble),
  global('bool', 'bool_to_bool', 'bool -> bool', (value: boolean) => value),
  global('bool', 'string_to_bool', 'string -> bool', parseBool),
  global('bytes', 'bytes_to_bytes', 'bytes -> bytes', (value: Uint8Array) => value),
  global('bytes', 'string_to_bytes', 'string -> bytes', (value: string) => utf8.encode(value)),
  global('string', 'string_to_string', 'string -> string', (value: string) => value),
  global('string', 'bool_to_string', 'bool -> string', (value: boolean) => String(value)),
  global('string', 'int64_to_string', 'int -> string', (value: bigint) => value.toString()),
  global('string', 'uint64_to_string', 'uint -> string', ({ value }: Uint) => value.toString()),
  global('string', 'double_to_string', 'double -> string', doubleText),
  global('string', 'bytes_to_string', 'bytes -> string', decodeText),
  global('string', 'timestamp_to_string', 'timestamp -> string', (moment: Timestamp) => timestampText(moment)),
  global('string', 'duration_to_string', 'duration -> string', ({ nanos }: Duration) => durationText(nanos)),
  global('duration', 'duration_to_duration', 'duration -> duration', (value: Duration) => value),
  global('duration', 'string_to_duration', 'string -> duration', (text: string) =>
    converted(parseDuration(text), 'google.protobuf.Duration'),
  ),
  global('timestamp', 'timestamp_to_timestamp', 'timestamp -> timestamp', (value: Timestamp) => value),
  global('timestamp', 'string_to_timestamp', 'string -> timestamp', (text: string) =>
    converted(parseTimestamp(text), 'google.protobuf.Timestamp'),
  ),
  global('timestamp', 'int64_to_timestamp', 'int -> timestamp', (seconds: bigint) => new Timestamp(seconds * 1_000_000_000n)),
];

function wholeNumber(value: number): Value {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return rangeError;
  return BigInt(Math.trunc(value));
}

function wholeUnsigned(value: number): Value {
  if (!(value >= 0) || value >= 2 ** 64) return new CelError('unsigned integer overflow');
  return new Uint(BigInt(Math.trunc(value)));
}

function parseInteger(text: string): Value {
  if (!/^[+-]?\d{1,40}$/.test(text)) return unconvertible('int');
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : unconvertible('int');
}

function parseUnsigned(text: string): Value {
  if (!/^\d{1,40}$/.test(text)) return unconvertible('uint');
  const value = BigInt(text);
  return BigInt.asUintN(64, value) === value ? new Uint(value) : unconvertible('uint');
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const special: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
]);

function parseDouble(text: string): Value {
  if (decimal.test(text)) return Number(text);
  const named = special.get(text.toLowerCase().replace(/^[+-]/, ''));
  if (named !== undefined) return text.startsWith('-') ? -named : named;
  return unconvertible('double');
}

/** What cannot be read is told in the words of all conversions. */
function converted(value: Value, type: string): Value {
  return value instanceof CelError ? unconvertible(type) : value;
}

function unconvertible(type: string): CelError {
  return new CelError(`type conversion error from 'string' to '${type}'`);
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

function parseBool(text: string): Value {
  return truths.get(text) ?? unconvertible('bool');
}

function decodeText(bytes: Uint8Array): Value {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

/** Go's shortest form: `1`, `0.5`, `1e+06`. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  return goFloat(value);
}

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / 1_000_000_000n;
  return nanos < 0n && nanos % 1_000_000_000n !== 0n ? seconds - 1n : seconds;
}
