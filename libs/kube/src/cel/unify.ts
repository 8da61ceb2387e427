import { dynType, listOf, mapOf, optionalOf, sameType, typeOf, typeParameter, type CelType } from './types.ts';

/** What type parameters have turned out to be. */
export type Bindings = Map<string, CelType>;

/** What is known, and what one attempt has learned on top of it: most attempts fail, and cost no copy. */
type Attempt = { readonly known: Bindings; readonly learned: Bindings };

/** Gives a signature's parameters names of their own, so that two calls of one function do not share them. */
export function freshen(types: readonly CelType[], serial: number): readonly CelType[] {
  return types.map((type) => mapParameters(type, (name) => typeParameter(`${name}#${serial}`)));
}

/** Puts in what is known; parameters that stay unknown become dyn when `final`. */
export function substitute(type: CelType, bindings: Bindings, final: boolean): CelType {
  return mapParameters(type, (name) => {
    const bound = bindings.get(name);
    if (bound) return substitute(bound, bindings, final);
    return final ? dynType : typeParameter(name);
  });
}

function mapParameters(type: CelType, replace: (name: string) => CelType): CelType {
  if (type.kind === 'param') return replace(type.name);
  if (type.parameters.length === 0) return type;
  const [first = dynType, second = dynType] = type.parameters.map((parameter) => mapParameters(parameter, replace));
  if (type.kind === 'list') return listOf(first);
  if (type.kind === 'map') return mapOf(first, second);
  return type.kind === 'optional' ? optionalOf(first) : typeOf(first);
}

/** Whether values of `given` fit where `wanted` is asked for; what is learned on the way becomes known if they do. */
export function assign(known: Bindings, given: readonly CelType[], wanted: readonly CelType[]): boolean {
  if (given.length !== wanted.length) return false;
  const attempt: Attempt = { known, learned: new Map() };
  if (!given.every((type, index) => fits(attempt, type, wanted[index] ?? dynType))) return false;
  for (const [name, type] of attempt.learned) known.set(name, type);
  return true;
}

function fits(attempt: Attempt, given: CelType, wanted: CelType): boolean {
  const [from, to] = [resolve(given, attempt), resolve(wanted, attempt)];
  if (to.kind === 'param') return bind(attempt, to, from);
  if (from.kind === 'param') return bind(attempt, from, to);
  if (loose(from) || loose(to)) return true;
  if (from.kind === 'null_type') return to.kind === 'null_type' || nullable.has(to.kind);
  if (from.kind !== to.kind || from.name !== to.name) return false;
  if (from.kind === 'object') return sameType(from, to);
  // A type is a value; of which type it is says nothing of the others it compares with.
  if (from.kind === 'type') return true;
  return from.parameters.every((parameter, index) => fits(attempt, parameter, to.parameters[index] ?? dynType));
}

const loose = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'error';
const nullable: ReadonlySet<string> = new Set(['object', 'opaque', 'timestamp', 'duration', 'optional']);

function resolve(type: CelType, attempt: Attempt): CelType {
  let current = type;
  while (current.kind === 'param') {
    const bound = attempt.learned.get(current.name) ?? attempt.known.get(current.name);
    if (bound === undefined) return current;
    current = bound;
  }
  return current;
}

function bind(attempt: Attempt, parameter: CelType, type: CelType): boolean {
  if (type.kind === 'param' && type.name === parameter.name) return true;
  if (occurs(parameter.name, type, attempt)) return false;
  attempt.learned.set(parameter.name, type);
  return true;
}

function occurs(name: string, type: CelType, attempt: Attempt): boolean {
  const resolved = resolve(type, attempt);
  if (resolved.kind === 'param') return resolved.name === name;
  return resolved.parameters.some((parameter) => occurs(name, parameter, attempt));
}
