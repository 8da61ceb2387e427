import type { CallExpr, Expr, FoldExpr, ListExpr, MapExpr, SelectExpr } from './expression.ts';
import type { Overload } from './functions/declare.ts';
import { library } from './functions/library.ts';
import type { Mistake } from './parse.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  errorType,
  firstOf,
  intType,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  sameType,
  secondOf,
  stringType,
  timestampType,
  typeOf,
  typeParameter,
  typeText,
  uintType,
  type CelType,
} from './types.ts';
import { assign, freshen, substitute, type Bindings } from './unify.ts';
import { Uint } from './values.ts';

export type Checked = {
  readonly mistakes: readonly Mistake[];
  readonly result: CelType;
  readonly typeOf: (expr: Expr) => CelType;
  /** Which overloads a call may mean: one, or several where an argument's type is only known at run time. */
  readonly overloadsOf: (expr: Expr) => readonly Overload[];
};

/** Infers every node's type. Mistakes are all reported, in the order in which they are met. */
export function checkExpression(expr: Expr, variables: ReadonlyMap<string, CelType>): Checked {
  return new Checker(variables).check(expr);
}

/** One of the items, keys or values of a literal. */
type Part = { readonly item: Expr; readonly optional: boolean };

class Checker {
  readonly #scopes: Map<string, CelType>[];
  readonly #types = new Map<Expr, CelType>();
  readonly #overloads = new Map<Expr, readonly Overload[]>();
  readonly #mistakes: Mistake[] = [];
  readonly #bindings: Bindings = new Map();
  readonly #literals: (readonly Part[])[] = [];
  #serial = 0;
  /** How many calls of `format` are around: what they print may be of any types. */
  #formats = 0;

  constructor(variables: ReadonlyMap<string, CelType>) {
    this.#scopes = [new Map(variables)];
  }

  check(expr: Expr): Checked {
    this.#visit(expr);
    const known = (node: Expr): CelType => substitute(this.#types.get(node) ?? dynType, this.#bindings, true);
    const types = new Map([...this.#types.keys()].map((node) => [node, known(node)]));
    const typeOfNode = (node: Expr): CelType => types.get(node) ?? dynType;
    return {
      mistakes: this.#mistakes.length > 0 ? this.#mistakes : this.#literals.flatMap((parts) => mixtures(parts, typeOfNode)),
      result: known(expr),
      typeOf: typeOfNode,
      overloadsOf: (node) => this.#overloads.get(node) ?? [],
    };
  }

  #visit(expr: Expr): CelType {
    const type = this.#infer(expr);
    this.#types.set(expr, type);
    return substitute(type, this.#bindings, false);
  }

  #infer(expr: Expr): CelType {
    switch (expr.op) {
      case 'const':
        return constantType(expr.value);
      case 'ident':
        return this.#identifier(expr.name, expr.at);
      case 'select':
        return this.#select(expr);
      case 'call':
        return expr.name === '_?._' ? this.#optionalSelect(expr) : this.#call(expr);
      case 'list':
        return listOf(this.#join(expr.items, (index) => expr.optional?.has(index) === true));
      case 'map':
        return this.#mapLiteral(expr);
      case 'fold':
        return this.#fold(expr);
    }
  }

  #report(at: number, message: string): CelType {
    this.#mistakes.push({ at, message });
    return errorType;
  }

  #identifier(name: string, at: number): CelType {
    const outermost = name.startsWith('.') ? this.#scopes[0]?.get(name.slice(1)) : undefined;
    if (outermost) return outermost;
    for (const scope of this.#scopes.toReversed()) {
      const type = scope.get(name);
      if (type) return type;
    }
    const denoted = typeNames.get(name);
    return denoted ? typeOf(denoted) : this.#report(at, `undeclared reference to '${name}' (in container '')`);
  }

  #mapLiteral({ entries }: MapExpr): CelType {
    const keys = this.#join(entries.map(([key]) => key));
    return mapOf(
      keys,
      this.#join(
        entries.map(([, value]) => value),
        (index) => entries[index]?.[2] !== undefined,
      ),
    );
  }

  /** What an optional entry puts into a literal. */
  #unwrapped(type: CelType, at: number): CelType {
    if (type.kind === 'optional') return firstOf(type);
    if (type.kind !== 'dyn' && type.kind !== 'error')
      this.#report(at, `expected type '${typeText(optionalOf(type))}' but found '${typeText(type)}'`);
    return type;
  }

  /** The one type of all parts of a literal; dyn, where they have none. */
  #join(items: readonly Expr[], isOptional: (index: number) => boolean = () => false): CelType {
    let joined: CelType | undefined;
    const parts: Part[] = [];
    for (const [index, item] of items.entries()) {
      const optional = isOptional(index);
      const visited = this.#visit(item);
      const type = optional ? this.#unwrapped(visited, item.at) : visited;
      parts.push({ item, optional });
      joined = joined === undefined ? type : this.#general(joined, type);
    }
    // What `format` prints may be of any types.
    if (this.#formats === 0 && parts.length > 1) this.#literals.push(parts);
    return joined ?? typeParameter(`literal#${this.#serial++}`);
  }

  #general(joined: CelType, type: CelType): CelType {
    if (joined.kind === 'dyn' || type.kind === 'dyn') return dynType;
    if (this.#assignable(type, joined)) return joined;
    return this.#assignable(joined, type) ? type : dynType;
  }

  #assignable(given: CelType, wanted: CelType): boolean {
    return assign(this.#bindings, [given], [wanted]);
  }

  #select(expr: SelectExpr): CelType {
    const typeName = expr.test ? undefined : qualifiedTypeName(expr);
    if (typeName) return typeOf(typeName);
    const variable = expr.test ? undefined : this.#scopes[0]?.get(dottedName(expr) ?? '');
    if (variable) return variable;
    const operand = this.#visit(expr.operand);
    const [inner, wrapped] = operand.kind === 'optional' ? [firstOf(operand), true] : [operand, false];
    const field = this.#field(inner, expr.field, expr.at);
    if (expr.test) return boolType;
    return wrapped ? optionalOf(field) : field;
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operandExpr, name] = expr.args;
    if (operandExpr === undefined || name?.op !== 'const') return dynType;
    const operand = this.#visit(operandExpr);
    this.#types.set(name, stringType);
    return optionalOf(this.#field(operand.kind === 'optional' ? firstOf(operand) : operand, String(name.value), expr.at));
  }

  #field(type: CelType, name: string, at: number): CelType {
    if (type.kind === 'map') return secondOf(type);
    if (type.kind === 'object') return type.fields?.get(name) ?? this.#report(at, `undefined field '${name}'`);
    if (type.kind === 'dyn' || type.kind === 'error') return type;
    if (type.kind === 'opaque' && type.name.startsWith('kubernetes.authorization.'))
      return this.#report(at, `unexpected failed resolution of '${type.name}'`);
    if (type.kind !== 'param') return this.#report(at, `type '${typeText(type)}' does not support field selection`);
    this.#assignable(type, dynType);
    return dynType;
  }

  #call(expr: CallExpr): CelType {
    if (expr.name === '_&&_' || expr.name === '_||_') return this.#logical(expr);
    const target = expr.target ? [this.#visit(expr.target)] : [];
    const known = library.get(expr.name);
    if (known === undefined) this.#report(expr.at, `undeclared reference to '${expr.name}' (in container '')`);
    const rest = expr.args.map((node) => (expr.name === 'format' && node.op === 'list' ? this.#mixedList(node) : this.#visit(node)));
    const given = [...target, ...rest];
    if (known === undefined) return errorType;
    const candidates: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of known) {
      if (overload.member !== (expr.target !== undefined) || overload.parameters.length !== given.length) continue;
      const [own = dynType, ...wanted] = freshen([overload.result, ...overload.parameters], this.#serial++);
      if (!assign(this.#bindings, given, wanted)) continue;
      candidates.push(overload);
      const resolved = substitute(own, this.#bindings, false);
      result = result === undefined || typeText(result) === typeText(resolved) ? resolved : dynType;
    }
    this.#overloads.set(expr, candidates);
    if (result) return result;
    const types = given.map((type) => substitute(type, this.#bindings, true));
    return this.#report(expr.at, `found no matching overload for '${expr.name}' applied to '${argumentText(expr, types)}'`);
  }

  #logical(expr: CallExpr): CelType {
    for (const operand of expr.args) this.#expect(operand, boolType);
    this.#overloads.set(expr, library.get(expr.name) ?? []);
    return boolType;
  }

  /** What is to be formatted may be of any types. */
  #mixedList(expr: ListExpr): CelType {
    this.#formats++;
    for (const item of expr.items) this.#visit(item);
    this.#formats--;
    this.#types.set(expr, listOf(dynType));
    return listOf(dynType);
  }

  #fold(expr: FoldExpr): CelType {
    const range = this.#visit(expr.range);
    const init = this.#visit(expr.init);
    const [key, item] = this.#elements(range, expr.range.at);
    const [first, second] = expr.variables;
    const names =
      second === undefined
        ? [[first, range.kind === 'map' ? key : item] as const]
        : ([
            [first, key],
            [second, item],
          ] as const);
    this.#scopes.push(new Map([[expr.accumulator, init]]));
    this.#scopes.push(new Map(names));
    this.#expect(expr.condition, boolType);
    this.#expect(expr.step, init);
    this.#scopes.pop();
    const result = this.#visit(expr.result);
    this.#scopes.pop();
    return result;
  }

  #expect(expr: Expr, wanted: CelType): void {
    const type = this.#visit(expr);
    if (this.#assignable(type, wanted)) return;
    const wantedText = typeText(substitute(wanted, this.#bindings, true));
    this.#report(expr.at, `expected type '${wantedText}' but found '${typeText(type)}'`);
  }

  #elements(range: CelType, at: number): readonly [key: CelType, item: CelType] {
    if (range.kind === 'list') return [intType, firstOf(range)];
    if (range.kind === 'map') return [firstOf(range), secondOf(range)];
    if (['dyn', 'error', 'param'].includes(range.kind)) return [dynType, dynType];
    this.#report(at, `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    return [errorType, errorType];
  }
}

/** Parts of a literal that are not of the type of the first one. */
function mixtures(parts: readonly Part[], typeOfNode: (node: Expr) => CelType): readonly Mistake[] {
  const own = ({ item, optional }: Part): CelType => (optional ? firstOf(typeOfNode(item)) : typeOfNode(item));
  const [first, ...rest] = parts;
  const other = first && rest.find((part) => !sameType(own(first), own(part)));
  if (!first || !other) return [];
  return [{ at: other.item.at, message: `expected type '${typeText(own(first))}' but found '${typeText(own(other))}'` }];
}

function argumentText(expr: CallExpr, given: readonly CelType[]): string {
  const texts = given.map(typeText);
  return expr.target ? `${texts[0]}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`;
}

function constantType(value: unknown): CelType {
  if (value === null) return nullType;
  if (value instanceof Uint) return uintType;
  if (value instanceof Uint8Array) return bytesType;
  if (typeof value === 'bigint') return intType;
  if (typeof value === 'number') return doubleType;
  return typeof value === 'boolean' ? boolType : stringType;
}

/** Type names are values: `type(self.port) == int`. */
export const typeNames: ReadonlyMap<string, CelType> = new Map([
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['int', intType],
  ['list', listOf(dynType)],
  ['map', mapOf(dynType, dynType)],
  ['null_type', nullType],
  ['string', stringType],
  ['type', typeOf(dynType)],
  ['uint', uintType],
  ['optional_type', optionalOf(dynType)],
]);

const dottedTypes: ReadonlyMap<string, CelType> = new Map([
  ['google.protobuf.Timestamp', timestampType],
  ['google.protobuf.Duration', durationType],
  ...['net.IP', 'net.CIDR', 'kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.Semver'].map((name): [string, CelType] => [
    name,
    { kind: 'opaque', name, parameters: [] },
  ]),
]);

/** `google.protobuf.Timestamp`, `net.IP`: types whose names have dots. */
export function qualifiedTypeName(expr: Expr): CelType | undefined {
  const name = dottedName(expr);
  return name === undefined ? undefined : dottedTypes.get(name);
}

/** `a.b.c`, where an expression is nothing but that: types and a few variables have such names. */
export function dottedName(expr: Expr): string | undefined {
  if (expr.op === 'ident') return expr.name;
  if (expr.op !== 'select') return undefined;
  const operand = dottedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
