import type { CelError, Value } from './values.ts';

/** One node of a rule, macros already unfolded. `at` is the offset in the text that a mistake is reported at. */
export type Expr = ConstExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | FoldExpr;

export type ConstExpr = { readonly op: 'const'; readonly value: Exclude<Value, CelError>; readonly at: number };
export type IdentExpr = { readonly op: 'ident'; readonly name: string; readonly at: number };

/** `test`: has(operand.field). */
export type SelectExpr = {
  readonly op: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly test: boolean;
  readonly at: number;
};

/** Operators are calls too: `_+_`, `_[_]`, `!_`, `_?_:_`. */
export type CallExpr = {
  readonly op: 'call';
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  readonly at: number;
};

export type ListExpr = {
  readonly op: 'list';
  readonly items: readonly Expr[];
  /** Which of them are left out where they hold nothing: `[?x]`. */
  readonly optional?: ReadonlySet<number>;
  readonly at: number;
};
export type MapExpr = { readonly op: 'map'; readonly entries: readonly MapEntry[]; readonly at: number };
/** The third part marks an entry that is left out where its value holds nothing: `{?k: v}`. */
export type MapEntry = readonly [key: Expr, value: Expr, optional?: { readonly at: number }];

/** What all, exists, map, filter and optMap unfold to. */
export type FoldExpr = {
  readonly op: 'fold';
  readonly range: Expr;
  /** One variable walks items or keys, two walk indexes or keys and their items or values. */
  readonly variables: readonly [string] | readonly [string, string];
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
  /** A name for a value: no loop, the accumulator is the bound variable. */
  readonly bind: boolean;
  readonly at: number;
};

/** The accumulator of every macro's fold: no name that a rule can write. */
export const accumulator = '@result';

export const constant = (value: Exclude<Value, CelError>, at: number): ConstExpr => ({ op: 'const', value, at });
export const ident = (name: string, at: number): IdentExpr => ({ op: 'ident', name, at });

export function call(name: string, args: readonly Expr[], at: number): CallExpr {
  return { op: 'call', name, target: undefined, args, at };
}

export function memberCall(target: Expr, name: string, args: readonly Expr[], at: number): CallExpr {
  return { op: 'call', name, target, args, at };
}
