import { statusFailure } from '#kube';
import type { RequestPath } from '../request-path.ts';
import type { InvalidOptions } from './invalid-options.ts';

export type RequestTimeout =
  { readonly type: 'valid'; /** Absent: the client leaves it to the server. */ readonly ms?: number } | InvalidOptions;

/**
 * How long the client waits for its answer. A watch has its own `timeoutSeconds`.
 * k8s.io/apiserver/pkg/endpoints/filters/request_deadline.go
 */
export function readRequestTimeout(path: RequestPath): RequestTimeout {
  const text = path.type === 'refused' || path.verb === 'watch' || path.query.size === 0 ? null : path.query.get('timeout');
  if (text === null || text === '') return unasked;
  const duration = readDuration(text);
  if (duration.type === 'valid') return duration.ms > 0 ? duration : unasked;
  return { type: 'invalid', status: statusFailure('BadRequest', `invalid timeout specified in the request URL - time: ${duration.fault}`) };
}

const unasked: RequestTimeout = { type: 'valid' };

/** https://pkg.go.dev/time#ParseDuration, and its texts. */
function readDuration(
  text: string,
): { readonly type: 'valid'; readonly ms: number } | { readonly type: 'invalid'; readonly fault: string } {
  const invalid = (fault: string) => ({ type: 'invalid', fault: `${fault} duration ${JSON.stringify(text)}` }) as const;
  const unsigned = text.replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (unsigned === '0') return { type: 'valid', ms: 0 };
  if (unsigned === '') return invalid('invalid');
  let ms = 0;
  let rest = unsigned;
  while (rest !== '') {
    const [number = ''] = /^(\d+(\.\d*)?|\.\d+)?/.exec(rest) ?? [];
    if (number === '') return invalid('invalid');
    const [unit = ''] = /^[^.\d]*/.exec(rest.slice(number.length)) ?? [];
    if (unit === '') return invalid('missing unit in');
    const unitMs = unitMilliseconds.get(unit);
    if (unitMs === undefined) return invalid(`unknown unit ${JSON.stringify(unit)} in`);
    ms += Number(number) * unitMs;
    rest = rest.slice(number.length + unit.length);
  }
  return ms > longestMs ? invalid('invalid') : { type: 'valid', ms: sign * ms };
}

/** Go counts nanoseconds in 64 bits. */
const longestMs = 2 ** 63 / 1e6;

const unitMilliseconds = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
