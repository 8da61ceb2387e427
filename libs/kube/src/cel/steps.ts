import { accepts } from './accepts.ts';
import { actualCost } from './actual-cost.ts';
import { typeNames } from './check.ts';
import type { Overload } from './functions/declare.ts';
import {
  CelError,
  CelList,
  CelMap,
  keyText,
  noSuchOverload,
  Optional,
  optionalNone,
  TypeValue,
  type Value,
  type ValueMap,
} from './values.ts';

/** The variables in scope, by the slot that holds their value. */
export type Slots = ReadonlyMap<string, number>;

/** What one evaluation changes: its variables, and what it has cost so far. */
export type Frame = { readonly slots: Value[]; cost: number; readonly costMax: number };

export type Step = (frame: Frame) => Value;

/** Thrown through an evaluation that has used up its budget; caught where it began. */
export class CostExceeded extends Error {}

export function charge(frame: Frame, cost: number): void {
  frame.cost += cost;
  if (frame.cost > frame.costMax) throw new CostExceeded();
}

export function constantly(value: Value): Step {
  return () => value;
}

export function identifier(name: string, slots: Slots): Step {
  const slot = slots.get(name);
  const denoted = slot === undefined ? typeNames.get(name) : undefined;
  if (denoted) return constantly(new TypeValue(name));
  const missing = new CelError(`no such attribute(s): ${name}`);
  if (slot === undefined) return constantly(missing);
  return (frame) => {
    charge(frame, 1);
    return frame.slots[slot] ?? null;
  };
}

export function selectOptional(optional: Optional, field: string, test: boolean): Value {
  const inner = optional.value;
  const found = inner instanceof CelMap ? inner.find(field) : undefined;
  if (test) return found !== undefined;
  return found === undefined ? optionalNone : new Optional(found);
}

export function optionalSelect(operand: Step, field: Step): Step {
  return (frame) => {
    const value = operand(frame);
    charge(frame, 1);
    if (value instanceof CelError) return value;
    const name = field(frame);
    if (value instanceof Optional) return selectOptional(value, String(name), false);
    return value instanceof CelMap ? selectOptional(new Optional(value), String(name), false) : optionalNone;
  };
}

/** `deciding` settles the answer whatever the other operand is, even an error. */
export function shortCircuit(left: Step, right: Step, deciding: boolean): Step {
  return (frame) => {
    const first = left(frame);
    if (first === deciding) return deciding;
    const second = right(frame);
    if (second === deciding) return deciding;
    if (typeof first === 'boolean' && typeof second === 'boolean') return !deciding;
    if (first instanceof CelError) return first;
    return second instanceof CelError ? second : noSuchOverload;
  };
}

export function conditional(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (value === true) return yes(frame);
    if (value === false) return no(frame);
    return value instanceof CelError ? value : noSuchOverload;
  };
}

export function notStrictlyFalse(operand: Step): Step {
  return (frame) => {
    const value = operand(frame);
    charge(frame, 1);
    return value !== false;
  };
}

export function unary(operand: Step, overload: Overload): Step {
  const { run } = overload;
  const cost = actualCost(overload);
  return (frame) => {
    const value = operand(frame);
    if (value instanceof CelError) return value;
    // What a call costs is told by its arguments, and paid before it runs: long work is refused, not done.
    charge(frame, cost ? cost([value]) : 1);
    return run(value);
  };
}

export function binary(left: Step, right: Step, overload: Overload): Step {
  const { run } = overload;
  const cost = actualCost(overload);
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    if (first instanceof CelError) return first;
    if (second instanceof CelError) return second;
    charge(frame, cost ? cost([first, second]) : 1);
    return run(first, second);
  };
}

export function dispatched(steps: readonly Step[], overloads: readonly Overload[]): Step {
  const costs = new Map(overloads.map((overload) => [overload, actualCost(overload)]));
  return (frame) => {
    const values = steps.map((step) => step(frame));
    const failed = values.find((value) => value instanceof CelError);
    if (failed) return failed;
    const overload = overloads.find(({ parameters }) => parameters.every((type, index) => accepts(type, values[index] ?? null)));
    if (overload === undefined) return unindexed(overloads[0]?.name, values[0] ?? null, values[1] ?? null);
    charge(frame, costs.get(overload)?.(values) ?? 1);
    return overload.run(...values);
  };
}

/** What holds nothing has no key: `dyn(1)['x']`. */
function unindexed(name: string | undefined, container: Value, key: Value): Value {
  if (container instanceof CelList || container instanceof CelMap || container instanceof Optional) return noSuchOverload;
  if (name === '_[?_]') return optionalNone;
  return name === '_[_]' && typeof key === 'string' ? new CelError(`no such key: ${key}`) : noSuchOverload;
}

export function insert(map: ValueMap, key: Value, value: Value): Value {
  if (map.entries.has(keyText(key))) return new CelError(`insert failed: key ${String(key)} already exists`);
  map.set(key, value);
  return map;
}

export function insertAll(map: ValueMap, entries: Value): Value {
  if (!(entries instanceof CelMap)) return noSuchOverload;
  for (const key of entries.keys()) {
    const inserted = insert(map, key, entries.find(key) ?? null);
    if (inserted instanceof CelError) return inserted;
  }
  return map;
}
