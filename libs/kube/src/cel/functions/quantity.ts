import { CelError, OpaqueValue } from '../values.ts';
import { opaque } from '../types.ts';
import { global, member, type Overload } from './declare.ts';

const quantityType = opaque('kubernetes.Quantity');

/** `digits` / 10^`decimals`, exactly. */
class Quantity extends OpaqueValue {
  readonly type = quantityType;
  readonly digits: bigint;
  readonly decimals: number;
  /** Whether upstream keeps it as an int64 with a scale, rather than with any number of digits. */
  readonly small: boolean;
  constructor(digits: bigint, decimals: number, small = true) {
    super();
    this.digits = digits;
    this.decimals = decimals;
    this.small = small;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof Quantity && compare(this, other) === 0;
  }
}

/** Kubernetes' resource quantities: `1.5Gi`, `200m`, `12e6`. */
export const quantityFunctions: readonly Overload[] = [
  global('quantity', 'string_to_quantity', 'string -> quantity', parseQuantity),
  global('isQuantity', 'is_quantity_string', 'string -> bool', (text: string) => !(parseQuantity(text) instanceof CelError)),
  global('sign', 'quantity_sign', 'quantity -> int', ({ digits }: Quantity) => (digits > 0n ? 1n : digits < 0n ? -1n : 0n)),
  member('isInteger', 'quantity_is_integer', 'quantity -> bool', (quantity: Quantity) => integerOf(quantity) !== undefined),
  member(
    'asInteger',
    'quantity_get_int',
    'quantity -> int',
    (quantity: Quantity) => integerOf(quantity) ?? new CelError('cannot convert value to integer'),
  ),
  member('asApproximateFloat', 'quantity_get_float', 'quantity -> double', ({ digits, decimals }: Quantity) =>
    Number(`${digits}e${-decimals}`),
  ),
  member('isGreaterThan', 'quantity_is_greater_than', 'quantity, quantity -> bool', (a: Quantity, b: Quantity) => compare(a, b) > 0),
  member('isLessThan', 'quantity_is_less_than', 'quantity, quantity -> bool', (a: Quantity, b: Quantity) => compare(a, b) < 0),
  member('compareTo', 'quantity_compare_to', 'quantity, quantity -> int', (a: Quantity, b: Quantity) => BigInt(compare(a, b))),
  member('add', 'quantity_add', 'quantity, quantity -> quantity', (a: Quantity, b: Quantity) => add(a, b, 1n)),
  member('add', 'quantity_add_int', 'quantity, int -> quantity', (a: Quantity, b: bigint) => add(a, new Quantity(b, 0), 1n)),
  member('sub', 'quantity_sub', 'quantity, quantity -> quantity', (a: Quantity, b: Quantity) => add(a, b, -1n)),
  member('sub', 'quantity_sub_int', 'quantity, int -> quantity', (a: Quantity, b: bigint) => add(a, new Quantity(b, 0), -1n)),
];

/** A quantity as `digits` / 10^`decimals`; undefined for a text that is none. */
export function quantityParts(text: string): { readonly digits: bigint; readonly decimals: number } | undefined {
  const quantity = parseQuantity(text);
  return quantity instanceof CelError ? undefined : quantity;
}

/** Powers of two. */
const binary: ReadonlyMap<string, number> = new Map(
  ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, 10 * (index + 1)]),
);
const decimal: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

const shape = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;
const exponentShape = /^[eE][+-]?\d+$/;
const wrongFormat = new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
const wrongSuffix = new CelError("unable to parse quantity's suffix");
/** Beyond any number that is meant; exact arithmetic with longer ones would take long. */
const exponentMax = 5_000;
/** Quantities in powers of two go no further. */
const binaryMax = 2n ** 63n - 1n;

function parseQuantity(text: string): Quantity | CelError {
  const found = shape.exec(text);
  if (!found) return wrongFormat;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = found;
  if (text === '') return wrongFormat;
  const length = whole.replace(/^0+/, '').length + fraction.length;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const power = binary.get(suffix);
  if (power !== undefined) {
    const small = fraction === '' && length + Math.trunc(power * 0.3) <= 14;
    return capped(rounded(new Quantity(digits << BigInt(power), fraction.length, small)));
  }
  const exponent = decimal.get(suffix) ?? (exponentShape.test(suffix) ? Number(suffix.slice(1)) : Infinity);
  if (Math.abs(exponent) > exponentMax) return wrongSuffix;
  return rounded(new Quantity(digits, fraction.length - exponent, length <= 18));
}

function capped(quantity: Quantity): Quantity {
  const whole = quantity.digits / 10n ** BigInt(quantity.decimals);
  if (whole > binaryMax) return new Quantity(binaryMax, 0, false);
  return whole < -binaryMax ? new Quantity(-binaryMax, 0, false) : quantity;
}

/** No quantity is finer than one billionth; what is finer counts as one, away from zero. */
function rounded(quantity: Quantity): Quantity {
  if (quantity.decimals <= 9) return quantity;
  const unit = 10n ** BigInt(quantity.decimals - 9);
  const kept = quantity.digits / unit;
  if (quantity.digits % unit === 0n) return new Quantity(kept, 9, false);
  return new Quantity(kept + (quantity.digits < 0n ? -1n : 1n), 9, false);
}

function compare(left: Quantity, right: Quantity): number {
  const difference = add(left, right, -1n).digits;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function add(left: Quantity, right: Quantity, sign: bigint): Quantity {
  const small = left.small && right.small;
  if (right.digits === 0n) return left;
  if (left.digits === 0n) return new Quantity(sign * right.digits, right.decimals, right.small);
  const decimals = Math.max(left.decimals, right.decimals);
  const digits = scaled(left, decimals) + sign * scaled(right, decimals);
  return new Quantity(digits, decimals, small && BigInt.asIntN(64, digits) === digits);
}

function scaled({ digits, decimals }: Quantity, to: number): bigint {
  return digits * 10n ** BigInt(to - decimals);
}

/** Upstream calls those integers that were written without decimals and are not too long: `1000m` is none. */
function integerOf({ digits, decimals, small }: Quantity): bigint | undefined {
  if (!small || decimals > 0) return undefined;
  const value = digits * 10n ** BigInt(-decimals);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
