import { equalJson } from '../equal-json.ts';
import type { Json } from '../json.ts';
import { place, report, reportInvalid, reportType, type Checking } from './checking.ts';
import { notSupported, tooLong } from './field-error.ts';
import type { Format } from './formats.ts';
import { goFloat, goNumber, isGoInteger } from './go-text.ts';
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

export function checkNumber(checking: Checking, rule: NumberRule, value: number): void {
  const { multipleOf, minimum, maximum } = rule;
  const bound = (limit: number): string => (isGoInteger(value) && isGoInteger(limit) ? goNumber(limit) : goFloat(limit));
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
function isMultiple(value: number, factor: number): boolean {
  if (factor <= 0) return false;
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

export function checkEnum(checking: Checking, rule: EnumRule, value: Json): void {
  if (rule.scalars.has(value)) return;
  if (typeof value === 'object' && value !== null && rule.values.some((allowed) => equalJson(allowed, value))) return;
  report(checking, notSupported(place(checking).field, value, rule.texts));
}
