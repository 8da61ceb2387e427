import { dottedName, qualifiedTypeName, type Checked } from './check.ts';
import { accumulator, type CallExpr, type Expr, type FoldExpr, type ListExpr, type MapEntry, type SelectExpr } from './expression.ts';
import {
  binary,
  charge,
  conditional,
  constantly,
  dispatched,
  identifier,
  insert,
  insertAll,
  notStrictlyFalse,
  optionalSelect,
  selectOptional,
  shortCircuit,
  unary,
  type Frame,
  type Slots,
  type Step,
} from './steps.ts';
import type { CelType } from './types.ts';
import { CelError, CelList, CelMap, noSuchOverload, Optional, TypeValue, ValueList, ValueMap, type Value } from './values.ts';

export type Program = { readonly run: Step; readonly slotCount: number };

/** Makes functions of a checked expression. The named variables are given in the frame's first slots. */
export function compileExpression(expr: Expr, checked: Checked, variables: readonly string[]): Program {
  const compiler = new Compiler(checked, variables.length);
  const slots = new Map(variables.map((name, index) => [name, index]));
  return { run: compiler.compile(expr, slots), slotCount: compiler.slotCount + variables.length };
}

class Compiler {
  readonly #checked: Checked;
  /** The first slots hold the given variables; Program.slotCount leaves room for both. */
  readonly #given: number;
  slotCount = 0;

  constructor(checked: Checked, given: number) {
    this.#checked = checked;
    this.#given = given;
  }

  compile(expr: Expr, slots: Slots): Step {
    switch (expr.op) {
      case 'const':
        return constantly(expr.value);
      case 'ident':
        return identifier(expr.name.replace(/^\./, ''), slots);
      case 'select':
        return this.#select(expr, slots);
      case 'call':
        return this.#call(expr, slots);
      case 'list':
        return this.#list(expr, slots);
      case 'map':
        return this.#map(expr.entries, slots);
      case 'fold':
        return expr.bind ? this.#bind(expr, slots) : this.#fold(expr, slots);
    }
  }

  #select(expr: SelectExpr, slots: Slots): Step {
    const typeName = expr.test ? undefined : qualifiedTypeName(expr);
    if (typeName) return constantly(new TypeValue(typeName.name));
    const variable = expr.test ? undefined : dottedName(expr);
    if (variable !== undefined && slots.has(variable)) return identifier(variable, slots);
    const operand = this.compile(expr.operand, slots);
    const { field, test } = expr;
    const missing = new CelError(`no such key: ${field}`);
    return (frame) => {
      const value = operand(frame);
      if (!test) charge(frame, 1);
      if (value instanceof CelMap) {
        const found = value.find(field);
        if (!test || found instanceof CelError) return found === undefined ? missing : found;
        return found !== undefined;
      }
      if (value instanceof CelError) return value;
      if (value instanceof Optional) return selectOptional(value, field, test);
      if (value instanceof CelList) return noListIndex;
      return test ? false : missing;
    };
  }

  #call(expr: CallExpr, slots: Slots): Step {
    const nodes = expr.target ? [expr.target, ...expr.args] : expr.args;
    const [first = noOperand, second = noOperand, third = noOperand] = nodes.map((node) => this.compile(node, slots));
    switch (expr.name) {
      case '_&&_':
        return shortCircuit(first, second, false);
      case '_||_':
        return shortCircuit(first, second, true);
      case '_?_:_':
        return conditional(first, second, third);
      case '@not_strictly_false':
        return notStrictlyFalse(first);
      case '_?._':
        return optionalSelect(first, second);
      case '_+_':
        return this.#appending(expr, slots) ?? this.#function(expr, nodes, slots);
      case 'cel.@mapInsert':
        return this.#inserting(nodes, slots);
      default:
        return this.#function(expr, nodes, slots);
    }
  }

  #function(expr: CallExpr, nodes: readonly Expr[], slots: Slots): Step {
    const overloads = this.#checked.overloadsOf(expr);
    const [only] = overloads;
    const types = nodes.map((node) => this.#checked.typeOf(node));
    const steps = nodes.map((node) => this.compile(node, slots));
    const certain = overloads.length === 1 && only && types.every(isKnown) ? only : undefined;
    const [first, second] = steps;
    if (certain && steps.length === 1 && first) return unary(first, certain);
    if (certain && steps.length === 2 && first && second) return binary(first, second, certain);
    return dispatched(steps, overloads);
  }

  /** `accumulator + [item]`, as map and filter unfold: the list is this fold's own, so it may grow in place. */
  #appending(expr: CallExpr, slots: Slots): Step | undefined {
    const [left, right] = expr.args;
    if (left?.op !== 'ident' || left.name !== accumulator || right?.op !== 'list') return undefined;
    const [itemExpr] = right.items;
    const slot = slots.get(accumulator);
    if (itemExpr === undefined || right.items.length !== 1 || slot === undefined) return undefined;
    const item = this.compile(itemExpr, slots);
    return (frame) => {
      const value = item(frame);
      charge(frame, 12);
      const list = frame.slots[slot] ?? null;
      if (list instanceof CelError) return list;
      if (value instanceof CelError) return value;
      if (!(list instanceof ValueList)) return noSuchOverload;
      list.items.push(value);
      return list;
    };
  }

  #inserting(nodes: readonly Expr[], slots: Slots): Step {
    const slot = slots.get(accumulator) ?? 0;
    const [first = noOperand, second] = nodes.slice(1).map((node) => this.compile(node, slots));
    return (frame) => {
      charge(frame, 2);
      const map = frame.slots[slot] ?? null;
      if (!(map instanceof ValueMap)) return map instanceof CelError ? map : noSuchOverload;
      const key = first(frame);
      const value = second?.(frame) ?? key;
      if (key instanceof CelError) return key;
      if (value instanceof CelError) return value;
      return second ? insert(map, key, value) : insertAll(map, key);
    };
  }

  #list({ items, optional }: ListExpr, slots: Slots): Step {
    const steps = items.map((item) => this.compile(item, slots));
    if (optional) return optionalList(steps, optional);
    if (items.every(({ op }) => op === 'const')) return constantly(new ValueList(steps.map((step) => step(emptyFrame))));
    return (frame) => {
      const values: Value[] = [];
      for (const step of steps) {
        const value = step(frame);
        if (value instanceof CelError) return value;
        values.push(value);
      }
      charge(frame, 10);
      return new ValueList(values);
    };
  }

  #map(entries: readonly MapEntry[], slots: Slots): Step {
    const steps = entries.map(([key, value, optional]) => [this.compile(key, slots), this.compile(value, slots), optional] as const);
    return (frame) => {
      const map = new ValueMap();
      for (const [keyStep, valueStep, optional] of steps) {
        const key = keyStep(frame);
        const value = valueStep(frame);
        if (key instanceof CelError) return key;
        if (value instanceof CelError) return value;
        if (optional === undefined) map.set(key, value);
        else if (!(value instanceof Optional)) return notOptional('entry');
        else if (value.value !== undefined) map.set(key, value.value);
      }
      charge(frame, 30);
      return map;
    };
  }

  #slot(): number {
    return this.#given + this.slotCount++;
  }

  #bind(expr: FoldExpr, slots: Slots): Step {
    const slot = this.#slot();
    const value = this.compile(expr.init, slots);
    const body = this.compile(expr.result, new Map(slots).set(expr.accumulator, slot));
    return (frame) => {
      frame.slots[slot] = value(frame);
      charge(frame, 10);
      return body(frame);
    };
  }

  #fold(expr: FoldExpr, slots: Slots): Step {
    const [accumulated, key, item] = [this.#slot(), this.#slot(), this.#slot()];
    const [first, second] = expr.variables;
    const outer = new Map(slots).set(expr.accumulator, accumulated);
    const inner = new Map(outer).set(first, key);
    if (second !== undefined) inner.set(second, item);
    const loop: Loop = {
      slots: { accumulated, key, item },
      two: second !== undefined,
      init: grown(expr.init) ?? this.compile(expr.init, slots),
      condition: this.compile(expr.condition, inner),
      step: this.compile(expr.step, inner),
    };
    const range = this.compile(expr.range, slots);
    const result = this.compile(expr.result, outer);
    return (frame) => {
      const over = range(frame);
      if (over instanceof CelError) return over;
      const before = frame.slots[accumulated];
      const failed = runLoop(frame, over, loop);
      if (failed) return failed;
      const value = result(frame);
      frame.slots[accumulated] = before ?? null;
      return value;
    };
  }
}

const noListIndex = new CelError("unsupported index type 'string' in list");
const emptyFrame: Frame = { slots: [], cost: 0, costMax: Infinity };
const noOperand: Step = () => noSuchOverload;

type Loop = {
  readonly slots: { readonly accumulated: number; readonly key: number; readonly item: number };
  readonly two: boolean;
  readonly init: Step;
  readonly condition: Step;
  readonly step: Step;
};

function runLoop(frame: Frame, over: Value, loop: Loop): CelError | undefined {
  const { slots, two, init, condition, step } = loop;
  if (!(over instanceof CelList) && !(over instanceof CelMap)) return noSuchOverload;
  const keys = over instanceof CelMap ? over.keys() : undefined;
  const length = over instanceof CelMap ? over.size : over.length;
  frame.slots[slots.accumulated] = init(frame);
  for (let index = 0; index < length; index++) {
    const key = keys ? (keys[index] ?? null) : two ? BigInt(index) : (over as CelList).at(index);
    frame.slots[slots.key] = key;
    if (two) frame.slots[slots.item] = over instanceof CelMap ? (over.find(key) ?? null) : over.at(index);
    if (condition(frame) === false) break;
    frame.slots[slots.accumulated] = step(frame);
  }
  return undefined;
}

function isKnown({ kind }: CelType): boolean {
  return kind !== 'dyn' && kind !== 'error';
}

/** `[?a, b]`: what holds nothing is left out. */
function optionalList(steps: readonly Step[], optional: ReadonlySet<number>): Step {
  return (frame) => {
    const values: Value[] = [];
    for (const [index, step] of steps.entries()) {
      const value = step(frame);
      if (value instanceof CelError) return value;
      if (!optional.has(index)) values.push(value);
      else if (!(value instanceof Optional)) return notOptional('list element');
      else if (value.value !== undefined) values.push(value.value);
    }
    charge(frame, 10);
    return new ValueList(values);
  };
}

const notOptional = (what: string): CelError => new CelError(`cannot initialize optional ${what} from non-optional value`);

/** A fold's own list or map: it grows, so each evaluation has a new one. */
function grown(init: Expr): Step | undefined {
  if (init.op === 'list') return () => new ValueList([]);
  return init.op === 'map' ? () => new ValueMap() : undefined;
}
