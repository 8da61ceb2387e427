import type { Checked } from './check.ts';
import { callEstimate } from './call-estimate.ts';
import type { CallExpr, Expr, FoldExpr } from './expression.ts';
import { fixed, times, union, unknownSize, type Size } from './size-estimate.ts';
import { codePoints } from './compare.ts';
import type { SchemaType } from './schema-type.ts';

/** What the keys, or indexes, and the values of a container measure. */
type EntrySize = { readonly container: 'list' | 'map'; readonly key: Size; readonly value: Size };

type Local = { readonly place: SchemaType | undefined; readonly size: Size | undefined; readonly entry: EntrySize | undefined };

/**
 * The most that an expression can cost, on the largest data that its schema lets a request hold; in upstream's units and by
 * upstream's reckoning, so that what is accepted there is accepted here. Source: cel-go checker/cost.go.
 */
export function estimateCost(expr: Expr, checked: Checked, root: SchemaType): number {
  return new Estimator(checked, root).cost(expr);
}

/** What keys of maps measure upstream: their length is not known from the schema. */
const keyPlace: SchemaType = {
  type: { kind: 'string', name: 'string', parameters: [] },
  json: 'string',
  nullable: false,
  elementsMax: 0,
  bytesMin: 2,
};

class Estimator {
  readonly checked: Checked;
  readonly #root: SchemaType;
  readonly #places = new Map<Expr, SchemaType | undefined>();
  readonly #sizes = new Map<Expr, Size>();
  readonly #entries = new Map<Expr, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, root: SchemaType) {
    this.checked = checked;
    this.#root = root;
  }

  cost(expr: Expr): number {
    switch (expr.op) {
      case 'const':
        return 0;
      case 'ident':
        this.#places.set(expr, this.#placeOfName(expr.name));
        return 1;
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#literal(
          expr,
          'list',
          expr.items.map((item) => [undefined, item] as const),
          10,
        );
      case 'map':
        return this.#literal(
          expr,
          'map',
          expr.entries.map(([key, value]) => [key, value] as const),
          30,
        );
      case 'fold':
        return expr.bind ? this.#bind(expr) : this.#fold(expr);
    }
  }

  /** Undefined: nothing is known of it. */
  size(expr: Expr): Size | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr);
    if (known) return known;
    const place = expr.op === 'ident' ? this.#placeOfName(expr.name) : this.#places.get(expr);
    if (place) return { min: 0, max: place.elementsMax };
    if (scalars.has(this.checked.typeOf(expr).kind)) return fixed(1);
    return expr.op === 'ident' ? this.#locals.get(expr.name)?.at(-1)?.size : undefined;
  }

  sizeOrUnknown(expr: Expr | undefined): Size {
    return (expr && this.size(expr)) ?? unknownSize;
  }

  /** What one item of a list measures, by its schema if its place is known. */
  itemSize(expr: Expr): Size {
    const place = this.#places.get(expr);
    const item = place ? place.element : this.#root;
    return item ? { min: 0, max: item.elementsMax } : unknownSize;
  }

  #placeOfName(name: string): SchemaType | undefined {
    const locals = this.#locals.get(name);
    if (locals && locals.length > 0) return locals.at(-1)?.place;
    // Of self and oldSelf; of type names too, for upstream looks at what follows the first name only.
    return this.#root;
  }

  #select(expr: Extract<Expr, { op: 'select' }>): number {
    const operand = this.cost(expr.operand);
    if (expr.test) return operand;
    // Of what has no place, upstream takes the parts to be the root's own: so the estimate is no larger than upstream's.
    const above = this.#places.get(expr.operand);
    this.#places.set(expr, above ? above.fields?.get(expr.field)?.schema : this.#root);
    const { kind } = this.checked.typeOf(expr.operand);
    return operand + (kind === 'map' || kind === 'object' || kind === 'param' ? 1 : 0);
  }

  #call(expr: CallExpr): number {
    const target = expr.target ? this.cost(expr.target) : 0;
    const costs = expr.args.map((arg) => this.cost(arg));
    const sum = costs.reduce((total, cost) => total + cost, 0);
    const [first, second, third] = expr.args;
    switch (expr.name) {
      case '_&&_':
      case '_||_':
        return sum;
      case '_?_:_':
        this.#setSize(expr, union(this.sizeOrUnknown(second), this.sizeOrUnknown(third)));
        this.#setEntry(expr, unionEntries(this.#entry(second), this.#entry(third)));
        return (costs[0] ?? 0) + Math.max(costs[1] ?? 0, costs[2] ?? 0);
      case 'dyn':
        this.#copySizes(first, expr);
        return sum + 1;
      case '_[_]':
        return this.#index(expr, first) + sum;
      default:
        return target + sum + this.#function(expr);
    }
  }

  #index(expr: CallExpr, container: Expr | undefined): number {
    const place = container && this.#places.get(container);
    this.#places.set(expr, place ? place.element : this.#root);
    this.#setSize(expr, this.#entry(container)?.value ?? this.size(expr));
    return 1;
  }

  #function(expr: CallExpr): number {
    if (expr.name === '_+_') this.#setEntry(expr, unionEntries(this.#entry(expr.args[0]), this.#entry(expr.args[1])));
    const overloads = this.checked.overloadsOf(expr);
    const estimates = overloads.map((overload) => callEstimate(overload, expr, this));
    const sizes = estimates.flatMap(({ size }) => (size ? [size] : []));
    const [first, ...rest] = sizes;
    this.#setSize(expr, first ? rest.reduce(union, first) : this.size(expr));
    return Math.max(...estimates.map(({ cost }) => cost), overloads.length === 0 ? 1 : 0);
  }

  #literal(expr: Expr, container: 'list' | 'map', entries: readonly (readonly [Expr | undefined, Expr])[], base: number): number {
    let [cost, key, value] = [base, fixed(1), fixed(0)];
    for (const [keyExpr, valueExpr] of entries) {
      cost += (keyExpr ? this.cost(keyExpr) : 0) + this.cost(valueExpr);
      if (keyExpr) key = union(key, this.sizeOrUnknown(keyExpr));
      value = union(value, this.sizeOrUnknown(valueExpr));
    }
    this.#setEntry(expr, { container, key, value });
    return cost;
  }

  #bind(expr: FoldExpr): number {
    const cost = 10 + this.cost(expr.init);
    const place = this.#places.get(expr.init);
    const result = this.#within([[expr.accumulator, { place, size: this.size(expr.init), entry: this.#entry(expr.init) }]], () =>
      this.cost(expr.result),
    );
    this.#copySizes(expr.result, expr);
    return cost + result;
  }

  #fold(expr: FoldExpr): number {
    const cost = this.cost(expr.range) + this.cost(expr.init);
    const accumulated: Local = { place: undefined, size: this.size(expr.init), entry: this.#entry(expr.init) };
    return this.#within([[expr.accumulator, accumulated]], () => {
      const loop = this.#within(this.#loopVariables(expr), () => this.cost(expr.condition) + this.cost(expr.step));
      const result = this.cost(expr.result);
      const count = this.sizeOrUnknown(expr.range);
      if (expr.init.op === 'const') this.#setSize(expr, this.size(expr.init));
      else {
        this.#setSize(expr, count);
        this.#setEntry(expr, this.#entry(expr.step));
      }
      return cost + result + times(count.max, loop);
    });
  }

  #loopVariables({ range, variables }: FoldExpr): readonly (readonly [string, Local])[] {
    const entry = this.#entry(range);
    const isMap = entry ? entry.container === 'map' : this.checked.typeOf(range).kind === 'map';
    const above = this.#places.get(range);
    const value: Local = { place: above ? above.element : this.#root, size: entry?.value, entry: undefined };
    const key: Local = { place: isMap ? (above ? keyPlace : this.#root) : undefined, size: entry?.key, entry: undefined };
    const [first, second] = variables;
    if (second === undefined) return [[first, isMap ? key : value]];
    return [
      [first, key],
      [second, value],
    ];
  }

  #within<T>(locals: readonly (readonly [string, Local])[], work: () => T): T {
    for (const [name, local] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
    const result = work();
    for (const [name] of locals) this.#locals.get(name)?.pop();
    return result;
  }

  #entry(expr: Expr | undefined): EntrySize | undefined {
    if (expr === undefined) return undefined;
    return this.#entries.get(expr) ?? (expr.op === 'ident' ? this.#locals.get(expr.name)?.at(-1)?.entry : undefined);
  }

  #setSize(expr: Expr, size: Size | undefined): void {
    if (size) this.#sizes.set(expr, size);
  }

  #setEntry(expr: Expr, entry: EntrySize | undefined): void {
    if (entry) this.#entries.set(expr, entry);
  }

  #copySizes(from: Expr | undefined, to: Expr): void {
    if (from === undefined) return;
    this.#setSize(to, this.size(from));
    this.#setEntry(to, this.#entry(from));
  }
}

const scalars: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function literalSize(expr: Expr): Size | undefined {
  if (expr.op === 'list') return fixed(expr.items.length);
  if (expr.op === 'map') return fixed(expr.entries.length);
  if (expr.op !== 'const') return undefined;
  if (typeof expr.value === 'string') return fixed(codePoints(expr.value));
  return fixed(expr.value instanceof Uint8Array ? expr.value.length : 1);
}

function unionEntries(left: EntrySize | undefined, right: EntrySize | undefined): EntrySize | undefined {
  if (left === undefined || right === undefined) return undefined;
  return { container: left.container, key: union(left.key, right.key), value: union(left.value, right.value) };
}
