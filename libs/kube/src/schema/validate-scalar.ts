import { jsonInteger } from '#json';
import { equalJson } from '../equal-json.ts';
import type { Json } from '../json.ts';
import { place, report, reportInvalid, reportType, type Checking } from './checking.ts';
import { notSupported, tooLong } from './field-error.ts';
import type { Format } from './formats.ts';
import { goLimit, isGoInteger, isNumeric } from './go-text.ts';
import type { EnumRule, NumberRule, TextRule } from './schema-node.ts';

export function checkText(checking: Checking, rule: TextRule, value: string): void {
  if (rule.maxLength !== undefined && value.length > rule.maxLength && codePoints(value) > rule.maxLength) {
    report(checking, tooLong(place(checking).field, rule.maxLength));
  } else if (rule.minLength !== undefined && codePoints(value) < rule.minLength) {
    reportInvalid(checking, value, `should be at least ${rule.minLength} chars long`);
  } else if (rule.pattern && rule.pattern.compiled?.test(value) !== true) {
    const hint = rule.pattern.compiled ? '' : ', but pattern is invalid';
    reportInvalid(checking, value, `should match '${rule.pattern.source}${hint}'`);
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    // The second half of a pair belongs to the character before it.
    if ((text.charCodeAt(index) & 0xfc00) !== 0xdc00) count++;
  }
  return count;
}

export function checkFormat(checking: Checking, format: Format, value: string): void {
  checking.matches++;
  if (!format.accepts(value)) reportType(checking, format.name, value);
}

export function checkNumber(checking: Checking, rule: NumberRule, value: number | bigint): void {
  const { multipleOf, minimum, maximum } = rule;
  const bound = (limit: number): string => goLimit(limit, value);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    reportInvalid(checking, value, `should be a multiple of ${bound(multipleOf)}`);
  if (minimum !== undefined && (rule.exclusiveMinimum ? value <= minimum : value < minimum)) {
    reportInvalid(checking, value, `should be greater than ${rule.exclusiveMinimum ? '' : 'or equal to '}${bound(minimum)}`);
  }
  if (maximum !== undefined && (rule.exclusiveMaximum ? value >= maximum : value > maximum)) {
    reportInvalid(checking, value, `should be less than ${rule.exclusiveMaximum ? '' : 'or equal to '}${bound(maximum)}`);
  }
}

/** Decimal fractions are not exact in binary: 0.3 counts as three times 0.1. */
function isMultiple(value: number | bigint, factor: number): boolean {
  if (factor <= 0) return false;
  if (isGoInteger(value) && Number.isInteger(factor)) return BigInt(value) % BigInt(factor) === 0n;
  const times = factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor;
  if (Math.abs(times) > Number.MAX_SAFE_INTEGER || (times !== 0 && Math.round(times) === 0)) return false;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

export function checkEnum(checking: Checking, rule: EnumRule, value: Json): void {
  if (rule.scalars.has(value)) return;
  if (isNumeric(value) && isOtherKind(rule, value)) return;
  if (typeof value === 'object' && value !== null && rule.values.some((allowed) => equalJson(allowed, value))) return;
  report(checking, notSupported(place(checking).field, value, rule.texts));
}

/** Upstream converts an int64 to hold it against a float64 of the enum, and a float64 to hold it against an int64: that is cut. */
function isOtherKind({ scalars }: EnumRule, value: number | bigint): boolean {
  if (typeof value === 'bigint') return scalars.has(Number(value));
  return Math.abs(value) < 2 ** 63 && scalars.has(jsonInteger(BigInt(Math.trunc(value))));
}
