import type { CallExpr, Expr } from './expression.ts';
import { compiledRegex } from './functions/regex.ts';
import { parseDuration, parseTimestamp } from './functions/time-text.ts';
import { formatMistakes } from './format-mistakes.ts';
import type { Mistake } from './parse.ts';
import type { CelType } from './types.ts';
import { CelError, type Value } from './values.ts';

/** Constants that could never be what they stand for: patterns, durations and timestamps are read before they are used. */
export function literalMistakes(expr: Expr, typeOf: (expr: Expr) => CelType): readonly Mistake[] {
  const own = expr.op === 'call' ? [...callMistakes(expr), ...formatMistakes(expr, typeOf)] : [];
  return [...own, ...children(expr).flatMap((child) => literalMistakes(child, typeOf))];
}

const readers: ReadonlyMap<string, (text: string) => Value | object> = new Map<string, (text: string) => Value | object>([
  ['matches', compiledRegex],
  ['duration', parseDuration],
  ['timestamp', parseTimestamp],
]);

function callMistakes({ name, args }: CallExpr): readonly Mistake[] {
  const argument = args.at(-1);
  const read = readers.get(name);
  if (read === undefined || argument?.op !== 'const' || typeof argument.value !== 'string') return [];
  return read(argument.value) instanceof CelError ? [{ at: argument.at, message: `invalid ${name} argument` }] : [];
}

export function children(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'const':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.items;
    case 'map':
      return expr.entries.flatMap(([key, value]) => [key, value]);
    case 'fold':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}
