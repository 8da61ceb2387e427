import { costSize } from './compare.ts';
import type { Overload } from './functions/declare.ts';
import { CelList, CelMap, type Value } from './values.ts';

type Cost = (args: readonly Value[]) => number;

/** What one character costs of the work that looks at all of them. */
const perCharacter = 0.1;
const perRegexCharacter = 0.25;

const size = (args: readonly Value[], index: number): number => costSize(args[index] ?? null);
const traversal =
  (index: number, times = 1): Cost =>
  (args) =>
    Math.ceil(size(args, index) * times * perCharacter);
const one: Cost = () => 1;

/**
 * What a call costs, in upstream's units, so that its budgets mean the same here. Undefined: 1.
 * Source: cel-go interpreter/runtimecost.go, k8s.io/apiserver pkg/cel/library/cost.go.
 */
export function actualCost({ id, name }: Overload): Cost | undefined {
  return byOverload.get(id) ?? byName.get(name);
}

const smaller: Cost = (args) => Math.ceil(Math.min(size(args, 0), size(args, 1)) * perCharacter);
const joined: Cost = (args) => Math.ceil((size(args, 0) + size(args, 1)) * perCharacter);
const regex: Cost = (args) => Math.ceil((1 + size(args, 0)) * perCharacter) * Math.ceil(size(args, 1) * perRegexCharacter);
const product: Cost = (args) => Math.ceil(size(args, 0) * perCharacter) * Math.ceil(size(args, 1) * perCharacter);
const everyPair: Cost = (args) => size(args, 0) * size(args, 1) + 1;
const everyPairTwice: Cost = (args) => 2 * size(args, 0) * size(args, 1) + 1;
const newList: Cost = (args) => size(args, 0) + 11;
const ownPairs: Cost = (args) => 2 * size(args, 0) ** 2 + 11;
const wholeTree: Cost = ([list]) => traversalCost(list ?? null);

const namedFormat: Cost = (args) => Math.ceil((1 + size(args, 1)) * perCharacter) * 32;

function addressSizes(times: number, parsesText: boolean): Cost {
  return (args) => Math.ceil(size(args, 0) * 2 * perCharacter) + times + (parsesText ? Math.ceil(size(args, 1) * perCharacter) : 0);
}

const byOverload: ReadonlyMap<string, Cost> = new Map([
  ['in_list', (args: readonly Value[]) => size(args, 1)],
  ['add_string', joined],
  ['add_bytes', joined],
  ['matches_string', regex],
  ['contains_string', product],
  ['cidr_ip', one],
  ['cidr_contains_ip_string', addressSizes(0, true)],
  ['cidr_contains_ip_ip', addressSizes(0, false)],
  ['cidr_contains_cidr_string', addressSizes(2, true)],
  ['cidr_contains_cidr', addressSizes(2, false)],
  ...['less', 'less_equals', 'greater', 'greater_equals'].flatMap((order) =>
    ['string', 'bytes'].map((type) => [`${order}_${type}`, smaller] as const),
  ),
  ...['equals', 'not_equals'].map((id) => [id, smaller] as const),
  ...['starts_with_string', 'ends_with_string'].map((id) => [id, traversal(0)] as const),
  ...['string_to_bytes', 'bytes_to_string', 'strings_quote', 'string_format'].map((id) => [id, traversal(0)] as const),
]);

const byName: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name) => [name, wholeTree] as const),
  ...['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'jsonpatch.escapeKey'].map((name) => [name, traversal(0)] as const),
  ...['replace', 'split', 'ip.isCanonical'].map((name) => [name, traversal(0, 2)] as const),
  ...['cidr', 'isIP', 'isCIDR', 'ip', 'quantity', 'isQuantity', 'semver', 'isSemver'].map((name) => [name, traversal(0)] as const),
  ['check', () => 350_000],
  ['join', (args) => joinCost(args)],
  ['find', regex],
  ['findAll', regex],
  ['validate', namedFormat],
  ...['sets.contains', 'sets.intersects'].map((name) => [name, everyPair] as const),
  ['sets.equivalent', everyPairTwice],
  ...['reverse', 'flatten', 'slice'].map((name) => [name, newList] as const),
  ...['sort', 'distinct'].map((name) => [name, ownPairs] as const),
  ['lists.range', (args) => Number(args[0] ?? 0) + 11],
]);

/** From the parts, since the whole is not made before it is paid for. */
function joinCost([list, separator]: readonly Value[]): number {
  if (!(list instanceof CelList)) return 1;
  let length = costSize(separator ?? '') * Math.max(0, list.length - 1);
  for (let index = 0; index < list.length; index++) length += costSize(list.at(index));
  return Math.ceil(length * 2 * perCharacter);
}

function traversalCost(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(costSize(value) * perCharacter);
  if (value instanceof CelList) return value.values().reduce<number>((sum, item) => sum + traversalCost(item), 0);
  if (value instanceof CelMap) {
    return value.keys().reduce<number>((sum, key) => sum + traversalCost(key) + traversalCost(value.find(key) ?? null), 0);
  }
  return 1;
}
