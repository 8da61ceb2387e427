const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Below `until` seconds a duration is told in `unit`s, and in what is left of them in `rest` units, unless that is none. */
type Scale = {
  readonly until: number;
  readonly unit: number;
  readonly sign: string;
  readonly rest?: { readonly unit: number; readonly sign: string };
};

const scales: readonly Scale[] = [
  { until: 2 * minute, unit: 1, sign: 's' },
  { until: 10 * minute, unit: minute, sign: 'm', rest: { unit: 1, sign: 's' } },
  { until: 3 * hour, unit: minute, sign: 'm' },
  { until: 8 * hour, unit: hour, sign: 'h', rest: { unit: minute, sign: 'm' } },
  { until: 2 * day, unit: hour, sign: 'h' },
  { until: 8 * day, unit: day, sign: 'd', rest: { unit: hour, sign: 'h' } },
  { until: 2 * year, unit: day, sign: 'd' },
  { until: 8 * year, unit: year, sign: 'y', rest: { unit: day, sign: 'd' } },
  { until: Infinity, unit: year, sign: 'y' },
];

/** An age as kubectl prints it: `59s`, `5m3s`, `3h`, `2d4h`. Clocks may differ by two seconds before it is called invalid. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (Number.isNaN(seconds) || seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const scale = scales.find(({ until }) => seconds < until) ?? { unit: year, sign: 'y' };
  const whole = `${Math.floor(seconds / scale.unit)}${scale.sign}`;
  if (!('rest' in scale) || scale.rest === undefined) return whole;
  const rest = Math.floor((seconds % scale.unit) / scale.rest.unit);
  return rest === 0 ? whole : `${whole}${rest}${scale.rest.sign}`;
}
