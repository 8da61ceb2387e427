import { checkExpression, type Checked } from './check.ts';
import { compileExpression, type Program } from './compile.ts';
import type { Expr } from './expression.ts';
import { namespaced } from './functions/library.ts';
import { literalMistakes } from './literals.ts';
import { parseExpression, type Mistake } from './parse.ts';
import { CostExceeded, type Frame } from './steps.ts';
import type { CelType } from './types.ts';
import { CelError, type Value } from './values.ts';

export type CompiledText =
  | { readonly ok: false; readonly problem: string }
  | { readonly ok: true; readonly program: Program; readonly result: CelType; readonly expr: Expr; readonly checked: Checked };

/** Parses, type checks and compiles CEL text; `problem` lists its mistakes as upstream's compiler prints them. */
export function compileText(text: string, variables: ReadonlyMap<string, CelType>): CompiledText {
  try {
    const parsed = parseExpression(text, namespaced);
    if (!parsed.ok) return { ok: false, problem: mistakeText(text, parsed.mistake) };
    const checked = checkExpression(parsed.expr, variables);
    const mistakes = checked.mistakes.length > 0 ? checked.mistakes : literalMistakes(parsed.expr, checked.typeOf);
    if (mistakes.length > 0)
      return {
        ok: false,
        problem: inOrder(mistakes)
          .map((mistake) => mistakeText(text, mistake))
          .join('\n'),
      };
    const program = compileExpression(parsed.expr, checked, [...variables.keys()]);
    return { ok: true, program, result: checked.result, expr: parsed.expr, checked };
  } catch (error) {
    // Long chains of operators are as deep as they are long.
    if (error instanceof RangeError)
      return { ok: false, problem: mistakeText(text, { at: 0, message: 'expression is nested too deeply' }) };
    throw error;
  }
}

/** As they stand in the text. */
const inOrder = (mistakes: readonly Mistake[]): readonly Mistake[] => mistakes.toSorted((left, right) => left.at - right.at);

/** `ERROR: <input>:1:5: undefined field 'nope'`, the line, and a caret below the place. */
function mistakeText(text: string, { at, message }: Mistake): string {
  const before = text.slice(0, at).split('\n');
  const column = Array.from(before.at(-1) ?? '').length;
  const line = (text.split('\n')[before.length - 1] ?? '').replaceAll('\t', ' ');
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

export type Evaluation =
  | { readonly outcome: 'value'; readonly value: Exclude<Value, CelError>; readonly cost: number }
  | { readonly outcome: 'error'; readonly message: string; readonly cost: number }
  | { readonly outcome: 'exceeded'; readonly cost: number };

/** Runs a program on the values of its variables. It ends by itself when it has cost more than `costMax`. */
export function evaluate(program: Program, values: readonly Value[], costMax: number): Evaluation {
  const frame: Frame = { slots: [...values], cost: 0, costMax };
  try {
    const value = program.run(frame);
    if (value instanceof CelError) return { outcome: 'error', message: value.message, cost: frame.cost };
    return { outcome: 'value', value, cost: frame.cost };
  } catch (error) {
    if (error instanceof CostExceeded) return { outcome: 'exceeded', cost: frame.cost };
    throw error;
  }
}
