import type { Answer, Exchange, Readiness, ReadinessCheck } from '../exchange.ts';
import type { BarePath } from '../request-path.ts';
import { isOn } from '../request-path.ts';

const alive: Readiness = { checks: () => [{ name: 'ping', healthy: true, required: true }] };

/** `/livez`, `/readyz` and `/healthz`, with `?verbose`, `?exclude=name`, and `/readyz/<name>` for one check. Public. */
export function answerHealth({ path, options }: Exchange<BarePath>): Answer | undefined {
  return answerProbe(path.segments, path.query, options.readiness);
}

type TextAnswer = Extract<Answer, { readonly type: 'text' }>;

/** The same by itself, for who serves nothing else. Undefined: there is no such probe. */
export function answerProbe(segments: readonly string[], query: URLSearchParams, readiness: Readiness): TextAnswer | undefined {
  const [probe = '', asked, ...more] = segments;
  if (more.length > 0 || !probes.has(probe)) return undefined;
  const all = [...alive.checks(), ...(probe === 'readyz' ? readiness.checks() : [])];
  if (asked !== undefined) {
    const check = all.find(({ name }) => name === asked);
    return check === undefined ? undefined : answerChecks(probe, [check], false);
  }
  const excluded = query.getAll('exclude');
  return answerChecks(
    probe,
    all.filter(({ name }) => !excluded.includes(name)),
    isOn(query.get('verbose')),
  );
}

const probes: ReadonlySet<string> = new Set(['livez', 'readyz', 'healthz']);

function answerChecks(probe: string, checks: readonly ReadinessCheck[], verbose: boolean): TextAnswer {
  const failed = checks.some(({ healthy, required }) => required && !healthy);
  if (!failed && !verbose) return text(200, 'ok');
  const lines = checks.map(lineOf).join('\n');
  return text(failed ? 500 : 200, `${lines}\n${probe} check ${failed ? 'failed' : 'passed'}\n`);
}

function lineOf({ name, healthy, required, message = 'reason withheld' }: ReadinessCheck): string {
  if (healthy) return `[+]${name} ok`;
  return `[-]${name} failed: ${message}${required ? '' : ' (requests are served)'}`;
}

const text = (code: number, body: string): TextAnswer => ({
  type: 'text',
  code,
  text: body,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
});
