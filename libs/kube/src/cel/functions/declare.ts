import { readSignature, type CelType } from '../types.ts';
import type { Value } from '../values.ts';

/** One way to call a function. `run` gets values of the declared types: the checker or the dispatch has seen to it. */
export type Overload = {
  readonly id: string;
  readonly name: string;
  readonly member: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  readonly run: (...args: readonly Value[]) => Value;
};

/** `signature`: `string, list(A) -> bool`. Of members, the receiver comes first. */
export function global(name: string, id: string, signature: string, run: (...args: never[]) => Value): Overload {
  return { id, name, member: false, ...readSignature(signature), run: run as Overload['run'] };
}

export function member(name: string, id: string, signature: string, run: (...args: never[]) => Value): Overload {
  return { ...global(name, id, signature, run), member: true };
}
