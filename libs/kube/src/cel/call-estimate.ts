import type { Checked } from './check.ts';
import type { CallExpr, Expr } from './expression.ts';
import type { Overload } from './functions/declare.ts';
import { add, fixed, scaled, times, type Size } from './size-estimate.ts';
import { firstOf } from './types.ts';

/** What a call costs at most beside its arguments, and how large its result is, if that can be told. */
export type CallEstimate = { readonly cost: number; readonly size?: Size };

const perCharacter = 0.1;
const perRegexCharacter = 0.25;

/** What is known of the operands. */
type Sizes = { readonly checked: Checked; sizeOrUnknown(expr: Expr): Size; itemSize(expr: Expr): Size };

/** Source: cel-go checker/cost.go, k8s.io/apiserver pkg/cel/library/cost.go. */
export function callEstimate({ id, name }: Overload, expr: CallExpr, estimator: Sizes): CallEstimate {
  const operands = expr.target ? [expr.target, ...expr.args] : expr.args;
  const sizes = operands.map((operand) => estimator.sizeOrUnknown(operand));
  const [first = fixed(1), second = fixed(1), third = fixed(1)] = sizes;
  const estimate = byOverload.get(id) ?? byName.get(name);
  return estimate?.({ first, second, third, expr, estimator }) ?? { cost: 1 };
}

type Subject = {
  readonly first: Size;
  readonly second: Size;
  readonly third: Size;
  readonly expr: CallExpr;
  readonly estimator: Sizes;
};
type Estimate = (subject: Subject) => CallEstimate;

const keeps: Estimate = ({ first }) => ({ cost: scaled(first.max, perCharacter), size: first });
const reads =
  (times_ = 1): Estimate =>
  ({ first }) => ({ cost: scaled(first.max, perCharacter * times_) });
const smaller: Estimate = ({ first, second }) => ({ cost: scaled(Math.min(first.max, second.max), perCharacter) });

const joins: Estimate = ({ first, second }) => {
  const size = add(first, second);
  return { cost: scaled(size.max, perCharacter), size };
};

const regex: Estimate = ({ first, second }) => ({
  cost: times(scaled(first.max + 1, perCharacter), scaled(second.max, perRegexCharacter)),
});

const finds: Estimate = (subject) => ({ ...regex(subject), size: { min: 0, max: subject.first.max } });

/** One comparison an item; of texts, as long as they can be. */
const eachItem: Estimate = ({ first, expr, estimator }) => {
  const list = expr.target;
  if (list === undefined || estimator.checked.typeOf(list).kind !== 'list') return { cost: scaled(first.max, perCharacter) };
  const { kind } = firstOf(estimator.checked.typeOf(list));
  const text = kind === 'string' || kind === 'bytes' ? scaled(estimator.itemSize(list).max, perCharacter) : 0;
  return { cost: times(first.max, 1 + text) };
};

const replaces: Estimate = ({ first, second, third }) => ({
  cost: scaled(first.max, 2 * perCharacter),
  size: { min: 0, max: replacedMax(first, second, third) },
});

function replacedMax(text: Size, from: Size, to: Size): number {
  if (from.min === 0) return add({ min: 0, max: times(text.max + 1, to.max) }, text).max;
  if (to.max <= from.min) return text.max;
  return times(Math.ceil(text.max / from.min), to.max);
}

const splits: Estimate = ({ first, expr }) => {
  const limit = expr.args[1];
  const max = limit?.op === 'const' && typeof limit.value === 'bigint' ? Number(BigInt.asUintN(64, limit.value)) : first.max;
  return { cost: scaled(first.max, 2 * perCharacter), size: { min: 0, max } };
};

const joinsList: Estimate = ({ first, second, expr, estimator }) => {
  const item = estimator.itemSize(expr.target ?? expr);
  const separators = expr.args.length > 0 ? times(second.max, Math.max(0, first.max - 1)) : 0;
  const size = add({ min: 0, max: times(first.max, item.max) }, { min: 0, max: separators });
  return { cost: scaled(size.max, perCharacter), size };
};

/** Comparing 16 bytes twice, and reading the text if it is one. */
const addresses =
  (base: number, text: boolean): Estimate =>
  ({ second }) => ({ cost: base + (text ? scaled(second.max, perCharacter) : 0) });

const everyPair: Estimate = ({ first, second }) => ({ cost: add({ min: 0, max: times(first.max, second.max) }, fixed(1)).max });
const sameList: Estimate = ({ first }) => ({ cost: add(first, fixed(11)).max, size: first });
const ownPairs: Estimate = ({ first }) => ({ cost: add({ min: 0, max: times(2 * first.max, first.max) }, fixed(11)).max, size: first });
const bytesOf: Estimate = ({ first }) => ({ cost: scaled(first.max, perCharacter), size: { min: first.min, max: times(first.max, 4) } });
const quotes: Estimate = ({ first }) => ({ cost: scaled(first.max, perCharacter), size: add(times2(first), fixed(2)) });
const times2 = (size: Size): Size => ({ min: size.min, max: times(size.max, 2) });

const comparisons = ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((order) => [`${order}_string`, `${order}_bytes`]);

const byOverload: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ...[...comparisons, 'not_equals'].map((id): [string, Estimate] => [id, smaller]),
  ['equals', (subject) => (isAddress(subject) ? { cost: 1 } : smaller(subject))],
  ['add_string', joins],
  ['add_bytes', joins],
  ['add_list', ({ first, second }) => ({ cost: 1, size: add(first, second) })],
  ['in_list', ({ second }) => ({ cost: second.max })],
  ['matches_string', regex],
  ['contains_string', ({ first, second }) => ({ cost: times(scaled(first.max, perCharacter), scaled(second.max, perCharacter)) })],
  ['starts_with_string', ({ second }) => ({ cost: scaled(second.max, perCharacter) })],
  ['ends_with_string', ({ second }) => ({ cost: scaled(second.max, perCharacter) })],
  ['string_to_bytes', bytesOf],
  ['bytes_to_string', keeps],
  ['strings_quote', quotes],
  ['string_format', reads()],
  ['cidr_ip', () => ({ cost: 1 })],
  ['cidr_contains_ip_ip', addresses(4, false)],
  ['cidr_contains_ip_string', addresses(4, true)],
  ['cidr_contains_cidr', addresses(7, false)],
  ['cidr_contains_cidr_string', addresses(7, true)],
]);

function isAddress({ expr, estimator }: Subject): boolean {
  return expr.args.every((operand: Expr) => estimator.checked.typeOf(operand).kind === 'opaque');
}

const byName: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name): [string, Estimate] => [name, eachItem]),
  ...['url', 'lowerAscii', 'upperAscii', 'substring', 'trim'].map((name): [string, Estimate] => [name, keeps]),
  ...['cidr', 'isIP', 'isCIDR', 'ip', 'quantity', 'isQuantity', 'semver', 'isSemver'].map((name): [string, Estimate] => [name, reads()]),
  ['ip.isCanonical', reads(2)],
  ['replace', replaces],
  ['split', splits],
  ['join', joinsList],
  ['find', finds],
  ['findAll', finds],
  ['validate', ({ second }) => ({ cost: scaled(scaled(second.max, perCharacter), 128 * perRegexCharacter) })],
  ...['sets.contains', 'sets.intersects'].map((name): [string, Estimate] => [name, everyPair]),
  ['sets.equivalent', (subject) => ({ cost: times(everyPair(subject).cost, 2) })],
  ...['sort', 'distinct'].map((name): [string, Estimate] => [name, ownPairs]),
  ...['reverse', 'slice', 'flatten'].map((name): [string, Estimate] => [name, sameList]),
]);
