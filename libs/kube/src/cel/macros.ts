import { accumulator, call, constant, ident, memberCall, type Expr, type FoldExpr } from './expression.ts';

/** A method call that may be a macro. `fail` reports a mistake in its use. */
export type MacroUse = {
  readonly target: Expr;
  readonly args: readonly Expr[];
  readonly at: number;
  readonly fail: (message: string, at: number) => never;
};

type Macro = (use: MacroUse) => Expr;

/** The macro of a name and number of arguments. Source: cel-spec, and cel-go's two-variable comprehensions. */
export function macroFor(name: string, argumentCount: number): Macro | undefined {
  return macros.get(`${name}/${argumentCount}`);
}

const result = (at: number): Expr => ident(accumulator, at);
const goOn = (at: number): Expr => call('@not_strictly_false', [result(at)], at);
const untilTrue = (at: number): Expr => call('@not_strictly_false', [call('!_', [result(at)], at)], at);

type Loop = Pick<FoldExpr, 'init' | 'condition' | 'step'> & { readonly result?: Expr };

function fold(use: MacroUse, names: readonly Expr[], loop: Loop, misnamed = 'argument must be a simple name'): FoldExpr {
  const [first = '', second] = names.map((expr) => (expr.op === 'ident' ? expr.name : use.fail(misnamed, expr.at)));
  if (second !== undefined && second === first) use.fail(`duplicate variable name: ${first}`, names[1]?.at ?? use.at);
  const variables = second === undefined ? ([first] as const) : ([first, second] as const);
  return { op: 'fold', range: use.target, variables, accumulator, result: result(use.at), bind: false, at: use.at, ...loop };
}

/** The last arguments of a macro whose first `count` are variables. */
function split(use: MacroUse, count: number): { readonly names: readonly Expr[]; readonly rest: readonly Expr[]; readonly last: Expr } {
  return { names: use.args.slice(0, count), rest: use.args.slice(count), last: use.args.at(-1) ?? constant(null, use.at) };
}

const all =
  (count: number): Macro =>
  (use) => {
    const { names, last } = split(use, count);
    const step = call('_&&_', [result(use.at), last], use.at);
    return fold(use, names, { init: constant(true, use.at), condition: goOn(use.at), step });
  };

const exists =
  (count: number): Macro =>
  (use) => {
    const { names, last } = split(use, count);
    const step = call('_||_', [result(use.at), last], use.at);
    return fold(use, names, { init: constant(false, use.at), condition: untilTrue(use.at), step });
  };

const existsOne =
  (count: number): Macro =>
  (use) => {
    const { names, last } = split(use, count);
    const more = call('_+_', [result(use.at), constant(1n, use.at)], use.at);
    return fold(use, names, {
      init: constant(0n, use.at),
      condition: constant(true, use.at),
      step: call('_?_:_', [last, more, result(use.at)], use.at),
      result: call('_==_', [result(use.at), constant(1n, use.at)], use.at),
    });
  };

/** Lists of what each element is made into; with two expressions the first says which elements count. */
const transform =
  (count: number): Macro =>
  (use) => {
    const { names, rest, last } = split(use, count);
    const append = call('_+_', [result(use.at), { op: 'list', items: [last], at: use.at }], use.at);
    return fold(
      use,
      names,
      {
        init: { op: 'list', items: [], at: use.at },
        condition: constant(true, use.at),
        step: filtered(use, rest, append),
      },
      count === 1 ? 'argument is not an identifier' : undefined,
    );
  };

const transformMap =
  (insertsEntries: boolean): Macro =>
  (use) => {
    const { names, rest, last } = split(use, 2);
    const key = names[0] ?? constant(null, use.at);
    const insert = call('cel.@mapInsert', insertsEntries ? [result(use.at), last] : [result(use.at), key, last], use.at);
    return fold(use, names, {
      init: { op: 'map', entries: [], at: use.at },
      condition: constant(true, use.at),
      step: filtered(use, rest, insert),
    });
  };

function filtered(use: MacroUse, rest: readonly Expr[], step: Expr): Expr {
  const [filter] = rest;
  return rest.length === 2 && filter ? call('_?_:_', [filter, step, result(use.at)], use.at) : step;
}

const filter: Macro = (use) => {
  const { names, last } = split(use, 1);
  const [variable = last] = names;
  const append = call('_+_', [result(use.at), { op: 'list', items: [variable], at: use.at }], use.at);
  return fold(
    use,
    names,
    {
      init: { op: 'list', items: [], at: use.at },
      condition: constant(true, use.at),
      step: call('_?_:_', [last, append, result(use.at)], use.at),
    },
    'argument is not an identifier',
  );
};

/** A name for a value within an expression. Kubernetes has no cel.bind; optional values' macros need it. */
function bindMacro(use: MacroUse): Expr {
  const [name = use.target, value = use.target, body = use.target] = use.args;
  const variable = name.op === 'ident' ? name.name : use.fail('cel.bind() variable names must be simple identifiers', name.at);
  return {
    op: 'fold',
    range: { op: 'list', items: [], at: use.at },
    variables: ['#unused'],
    accumulator: variable,
    init: value,
    condition: constant(false, use.at),
    step: ident(variable, use.at),
    result: body,
    bind: true,
    at: use.at,
  };
}

/** `optional.optMap(name, expression)`, `optional.optFlatMap(name, expression)`. */
const optionalMap =
  (flat: boolean): Macro =>
  (use) => {
    const [name = use.target, body = use.target] = use.args;
    const target = ident('@target', use.at);
    const inside = bindMacro({ ...use, args: [name, memberCall(target, 'value', [], use.at), body] });
    const mapped = flat ? inside : call('optional.of', [inside], use.at);
    const none = call('optional.none', [], use.at);
    const chosen = call('_?_:_', [memberCall(target, 'hasValue', [], use.at), mapped, none], use.at);
    return bindMacro({ ...use, args: [target, use.target, chosen] });
  };

/** `list.sortBy(item, key)`: in the order of the keys. */
const sortBy: Macro = (use) => {
  const input = ident('@__sortBy_input__', use.at);
  const keys = transform(1)({ ...use, target: input });
  const sorted = memberCall(input, '@sortByAssociatedKeys', [keys], use.at);
  if (use.target.op === 'const' || use.target.op === 'map')
    return use.fail('sortBy can only be applied to a list, identifier, comprehension, call or select expression', use.target.at);
  return bindMacro({ ...use, args: [input, use.target, sorted] });
};

const macros: ReadonlyMap<string, Macro> = new Map([
  ['all/2', all(1)],
  ['all/3', all(2)],
  ['exists/2', exists(1)],
  ['exists/3', exists(2)],
  ['exists_one/2', existsOne(1)],
  ['exists_one/3', existsOne(2)],
  ['existsOne/3', existsOne(2)],
  ['map/2', transform(1)],
  ['map/3', transform(1)],
  ['filter/2', filter],
  ['sortBy/2', sortBy],
  ['transformList/3', transform(2)],
  ['transformList/4', transform(2)],
  ['transformMap/3', transformMap(false)],
  ['transformMap/4', transformMap(false)],
  ['transformMapEntry/3', transformMap(true)],
  ['transformMapEntry/4', transformMap(true)],
  ['optMap/2', optionalMap(false)],
  ['optFlatMap/2', optionalMap(true)],
]);
