import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { doubleText } from './functions/conversions.ts';
import { durationText, timestampText } from './functions/time-text.ts';
import { compileText, evaluate } from './program.ts';
import { CelList, CelMap, Duration, Optional, Timestamp, TypeValue, typeNameOf, Uint, type Value } from './values.ts';

/** What Kubernetes' own environment answered, written by test/conformance/cel-vectors. */
const vectors = readFileSync(new URL('../../../../test/conformance/cel-vectors/vectors.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t') as [expression: string, answer: string, cost: string]);

describe('CEL, answered as Kubernetes answers', () => {
  it.each(vectors.filter(([expression]) => !deviations.has(expression)))('%s', (expression, answer) => {
    expect(ourAnswer(expression)).toBe(comparable(answer));
  });
});

/** Where we differ and know it. */
const deviations: ReadonlySet<string> = new Set([
  // Values whose type is only known when they are there.
  'dyn(5).all(x, x > 0)',
  'size(dyn(1))',
  '[1][dyn(0.0)]',
  '[1][dyn(0.5)]',
]);

/** Of mistakes, the texts of the places where the two parsers or Go's libraries speak for themselves are left out. */
function comparable(answer: string): string {
  if (answer.startsWith('error: ') || answer.startsWith('unusable: ')) return errorText(answer);
  return answer.replace(/(Syntax error:).*/, '$1');
}

const ownWords = [/^IP Address .* parse error/];

function errorText(answer: string): string {
  const message = answer.replace(/^[a-z]+: /, '');
  return `error: ${ownWords.some((words) => words.test(message)) ? '(in own words)' : message}`;
}

function ourAnswer(expression: string): string {
  const compiled = compileText(expression, new Map());
  if (!compiled.ok) return `refused: ${compiled.problem.split('\n')[0]}`.replace(/(Syntax error:).*/, '$1');
  const answer = evaluate(compiled.program, [], 1_000_000);
  if (answer.outcome === 'exceeded') return 'exceeded';
  return answer.outcome === 'error' ? errorText(`error: ${answer.message}`) : render(answer.value);
}

function render(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return `double ${doubleText(value)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Duration) return durationText(value.nanos);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof TypeValue) return `type ${value.name}`;
  if (value instanceof Optional) return value.value === undefined ? 'none' : `optional ${render(value.value)}`;
  if (value instanceof CelList) return `[${value.values().map(render).join(', ')}]`;
  if (!(value instanceof CelMap)) return `a ${typeNameOf(value)}`;
  const entries = value.keys().map((key) => `${render(key)}: ${render(value.find(key) ?? null)}`);
  return `{${entries.toSorted().join(', ')}}`;
}
