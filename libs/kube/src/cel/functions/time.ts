import { CelError, type Duration, type Timestamp, type Value } from '../values.ts';
import { member, type Overload } from './declare.ts';
import { zoneMinutes } from './time-text.ts';

/** The parts of a moment, in UTC or in a zone (`America/New_York`, `+02:00`). */
type Part = readonly [name: string, of: (date: Date) => number];

const day = 86_400_000;
const parts: readonly Part[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDayOfYear', (date) => Math.floor((date.getTime() - yearStart(date)) / day)],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

function yearStart(date: Date): number {
  const start = new Date(date.getTime());
  start.setUTCMonth(0, 1);
  return start.setUTCHours(0, 0, 0, 0);
}

const spans: readonly (readonly [name: string, nanosPerUnit: bigint])[] = [
  ['getHours', 3_600_000_000_000n],
  ['getMinutes', 60_000_000_000n],
  ['getSeconds', 1_000_000_000n],
];

export const timeFunctions: readonly Overload[] = [
  ...parts.flatMap(([name, of]) => [
    member(name, `timestamp_${name}`, 'timestamp -> int', ({ nanos }: Timestamp) => BigInt(of(dateOf(nanos, 0)))),
    member(name, `timestamp_${name}_with_tz`, 'timestamp, string -> int', (moment: Timestamp, zone: string) => inZone(moment, zone, of)),
  ]),
  ...spans.map(([name, unit]) => member(name, `duration_${name}`, 'duration -> int', ({ nanos }: Duration) => nanos / unit)),
  member('getMilliseconds', 'duration_getMilliseconds', 'duration -> int', ({ nanos }: Duration) => nanos / 1_000_000n),
];

function dateOf(nanos: bigint, minutesEast: number): Date {
  const milliseconds = nanos / 1_000_000n - (nanos < 0n && nanos % 1_000_000n !== 0n ? 1n : 0n);
  return new Date(Number(milliseconds) + minutesEast * 60_000);
}

function inZone({ nanos }: Timestamp, zone: string, of: (date: Date) => number): Value {
  if (/^[+-]?\d{1,2}:\d{2}$/.test(zone)) return BigInt(of(dateOf(nanos, zoneMinutes(zone))));
  const minutesEast = zone === '' || zone === 'UTC' ? 0 : namedZoneMinutes(zone, dateOf(nanos, 0));
  return minutesEast === undefined ? new CelError(`unknown time zone ${zone}`) : BigInt(of(dateOf(nanos, minutesEast)));
}

function namedZoneMinutes(timeZone: string, date: Date): number | undefined {
  try {
    const fields = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(date);
    const offset = fields.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', '') ?? '';
    return offset === '' ? 0 : zoneMinutes(offset);
  } catch {
    return undefined;
  }
}
