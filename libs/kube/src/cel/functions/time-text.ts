import { CelError, Timestamp, type Value } from '../values.ts';
import { durationOf, timestampOf } from './operators.ts';

const second = 1_000_000_000n;
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', second],
  ['m', 60n * second],
  ['h', 3600n * second],
]);

/** Go's durations: `1h30m`, `-1.5s`, `0`. */
export function parseDuration(text: string): Value {
  const nanos = durationNanos(text);
  if (nanos === undefined) return new CelError(`time: invalid duration ${JSON.stringify(text)}`);
  return durationOf(nanos);
}

function durationNanos(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/su.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/u.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gu)) {
    const scale = units.get(unit) ?? 0n;
    total += BigInt(whole === '' ? '0' : whole) * scale;
    const digits = fraction.slice(0, 18);
    if (digits !== '') total += (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
  }
  return sign === '-' ? -total : total;
}

/** Seconds, as JSON writes durations: `90s`, `1.5s`. */
export function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % second).toString().padStart(9, '0').replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / second}${fraction === '' ? '' : `.${fraction}`}s`;
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

export function parseTimestamp(text: string): Value {
  const nanos = timestampNanos(text);
  if (nanos === undefined) return new CelError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  const moment = timestampOf(nanos);
  const zone = text.slice(-6);
  return moment instanceof Timestamp && /^[+-](?!00:00)/.test(zone) ? new Timestamp(nanos, zone) : moment;
}

function timestampNanos(text: string): bigint | undefined {
  const found = rfc3339.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, whole, fraction = '', zone = 'Z'] = found;
  const utc = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(whole));
  const date = new Date(utc);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const valid = date.getUTCMonth() === Number(month) - 1 && Number(hour) < 24 && Number(minute) < 60 && Number(whole) < 60;
  if (!valid || date.getUTCDate() !== Number(day)) return undefined;
  const nanos = BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return BigInt(date.getTime()) * 1_000_000n + nanos - BigInt(zoneMinutes(zone)) * 60n * second;
}

/** Minutes east of UTC: `+02:00`, `-01:30`, `Z`. */
export function zoneMinutes(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** In the zone in which it was written, if it was. */
export function timestampText({ nanos: utc, zone }: Timestamp): string {
  const nanos = utc + BigInt(zoneMinutes(zone)) * 60n * second;
  const milliseconds = nanos / 1_000_000n - (nanos < 0n && nanos % 1_000_000n !== 0n ? 1n : 0n);
  const below = ((nanos % second) + second) % second;
  const fraction = below.toString().padStart(9, '0').replace(/0+$/, '');
  const date = new Date(Number(milliseconds)).toISOString();
  return `${date.slice(0, date.indexOf('.'))}${fraction === '' ? '' : `.${fraction}`}${zone}`;
}
