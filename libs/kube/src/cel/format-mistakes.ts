import type { CallExpr, Expr } from './expression.ts';
import type { Mistake } from './parse.ts';
import type { CelType, TypeKind } from './types.ts';

type TypeOf = (expr: Expr) => CelType;

/**
 * What is wrong with a call of `format` whose text and arguments are written out: it is found before it runs.
 * Source: cel-go ext/formatting.go.
 */
export function formatMistakes({ name, target, args, at }: CallExpr, typeOf: TypeOf): readonly Mistake[] {
  const [list] = args;
  if (name !== 'format' || target?.op !== 'const' || typeof target.value !== 'string' || list?.op !== 'list') return [];
  let next = 0;
  for (const { 0: clause, 1: verb, index } of target.value.matchAll(/%(?:%|(?:\.\d+)?([^]?))/g)) {
    if (clause === '%%') continue;
    const item = list.items[next];
    // Upstream looks for the argument first when it runs, and for the clause first when it reads.
    if (index === target.value.length - 1) return [{ at, message: 'unexpected end of string' }];
    if (item === undefined) return [{ at, message: `index ${next} out of range` }];
    next++;
    const clauseOf = clauses.get(verb ?? '');
    if (clauseOf === undefined)
      return [{ at, message: `could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}` }];
    const misfit = misfitting(item, clauseOf, typeOf);
    if (misfit) return [{ at: misfit.at, message: `error during formatting: ${clauseOf.says}, was given ${typeName(typeOf(misfit))}` }];
  }
  if (list.items.length <= next) return [];
  return [{ at, message: `too many arguments supplied to string.format (expected ${next}, got ${list.items.length})` }];
}

type Clause = { readonly kinds: ReadonlySet<TypeKind>; readonly says: string };

const whole: readonly TypeKind[] = ['int', 'uint'];
const texts: readonly TypeKind[] = ['list', 'map', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null_type'];
const clause = (says: string, ...kinds: readonly TypeKind[]): Clause => ({ says, kinds: new Set<TypeKind>([...kinds, 'dyn', 'error']) });
const hex = clause('only integers, byte buffers, and strings can be formatted as hex', ...whole, 'string', 'bytes');
const clauses: ReadonlyMap<string, Clause> = new Map([
  [
    's',
    clause(
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
      ...whole,
      ...texts,
    ),
  ],
  ['d', clause('decimal clause can only be used on integers', ...whole)],
  ['f', clause('fixed-point clause can only be used on doubles', 'double', 'string')],
  ['e', clause('scientific clause can only be used on doubles', 'double', 'string')],
  ['b', clause('only integers and bools can be formatted as binary', ...whole, 'bool')],
  ['x', hex],
  ['X', hex],
  ['o', clause('octal clause can only be used on integers', ...whole)],
]);

/** The argument, or what stands in it as a literal, that a clause cannot print. */
function misfitting(item: Expr, clauseOf: Clause, typeOf: TypeOf): Expr | undefined {
  if (!clauseOf.kinds.has(typeOf(item).kind)) return item;
  if (!clauseOf.kinds.has('list')) return undefined;
  const parts = item.op === 'list' ? item.items : item.op === 'map' ? item.entries.flatMap(([key, value]) => [key, value]) : [];
  for (const part of parts) {
    const misfit = misfitting(part, clauseOf, typeOf);
    if (misfit) return misfit;
  }
  return undefined;
}

const typeName = ({ kind, name }: CelType): string => (kind === 'null_type' ? 'null_type' : name);
