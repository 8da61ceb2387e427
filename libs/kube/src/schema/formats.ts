import { isIPv4, isIPv6 } from 'node:net';
import type { Json } from '../json.ts';
import { isEmailAddress } from './email-address.ts';
import { isRequestUri } from './request-uri.ts';

/** A string format that is checked. `name` is as the schema spells it, for messages. */
export type Format = { readonly name: string; readonly accepts: (text: string) => boolean };

/**
 * The formats that upstream checks in custom resources; others (int32, int64, float, double …) are annotations only.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
export function formatOf(name: Json | undefined): Format | undefined {
  if (typeof name !== 'string') return undefined;
  // `date-time` and `datetime` are one format: dashes do not count.
  const accepts = checks.get(name.replaceAll('-', ''));
  return accepts && { name, accepts };
}

const checks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmailAddress],
  ['hostname', isHostname],
  ['ipv4', isSloppyIpv4],
  ['ipv6', isIpv6Text],
  ['cidr', isCidr],
  [
    'mac',
    matches(
      /^(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:(?:[0-9a-f]{2}\1){2}|(?:[0-9a-f]{2}\1){14})?[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.|(?:[0-9a-f]{4}\.){7})?[0-9a-f]{4})$/i,
    ),
  ],
  ['uuid', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid3', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid4', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['uuid5', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)],
  ['rgbcolor', isRgbColor],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && isShortName(text)],
  ['k8slongname', (text) => text.length <= 253 && text.split('.').every(isShortName)],
]);

function matches(expression: RegExp): (text: string) => boolean {
  return (text) => expression.test(text);
}

function isShortName(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text);
}

/** Upstream's own grammar: behind a single label's first character there may be one dash, and none anywhere else. */
const hostname = (() => {
  const [start, inside, letter] = ['[a-zA-Z0-9\\p{S}\\p{L}]', '[a-zA-Z0-9\\-\\p{S}\\p{L}]', '[a-zA-Z\\p{L}]'];
  return new RegExp(`^(?:${start}(?:-?${start}{0,62})?|(?:${start}(?:${inside}{0,61}${start})?\\.)+${letter}{2,63})$`, 'u');
})();

function isHostname(text: string): boolean {
  return Buffer.byteLength(text) <= 255 && hostname.test(text) && text.split('.').every((label) => Buffer.byteLength(label) <= 63);
}

/** Leading zeros are tolerated, as clients of old rely on it. */
function isSloppyIpv4(text: string): boolean {
  return isIPv4(withoutLeadingZeros(text)) || (text.includes('.') && isIpv6Text(text.replace(/[^:]+$/, withoutLeadingZeros)));
}

function isIpv6Text(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isCidr(text: string): boolean {
  const [address = '', size = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(size)) return false;
  return isIpv6Text(address) ? Number(size) <= 128 : isIPv4(withoutLeadingZeros(address)) && Number(size) <= 32;
}

function withoutLeadingZeros(address: string): string {
  return address.replace(/(^|\.)0+(?=\d)/g, '$1');
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, index) => total + (index % 2 === 0 ? 1 : 3) * Number(digit), 0);
  return sum % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  const known =
    /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
  if (!known.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => total + luhn(Number(digit), index), 0);
  return sum % 10 === 0;
}

function luhn(digit: number, indexFromEnd: number): number {
  if (indexFromEnd % 2 === 0) return digit;
  return digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
}

function isRgbColor(text: string): boolean {
  const parts = /^rgb\(\s*(0|[1-9]\d{0,2})\s*,\s*(0|[1-9]\d{0,2})\s*,\s*(0|[1-9]\d{0,2})\s*\)$/.exec(text);
  return parts !== null && parts.slice(1).every((part) => Number(part) <= 255);
}

/** One linear scan each: the text may be megabytes long. */
function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** Conditions of one object, and objects of one moment, say the same time again and again. */
let lastDateTime: string | undefined;

function isDateTime(text: string): boolean {
  if (text === lastDateTime) return true;
  if (!isAnyDateTime(text)) return false;
  lastDateTime = text;
  return true;
}

function isAnyDateTime(text: string): boolean {
  const [date = '', time, ...rest] = text.toLowerCase().split('t');
  if (time === undefined || rest.length > 0 || !isDate(date)) return false;
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.test(time);
}

/** Go's `1h30m`, or Scala's `22 ns`, `3 days`. */
function isDuration(text: string): boolean {
  const isGo = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u.test(text);
  if (isGo && (text.match(/\d+/g) ?? []).every(fitsInt64)) return true;
  const found = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/gu)];
  return found.every(([, number = '']) => fitsInt64(number)) && found.some(([, , unit = '']) => isDurationUnit(unit.toLowerCase()));
}

function fitsInt64(digits: string): boolean {
  return digits.length < 19 || (digits.length < 1_000 && BigInt(digits) <= 9_223_372_036_854_775_807n);
}

function isDurationUnit(unit: string): boolean {
  const short = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk'];
  const long = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];
  return short.includes(unit) || long.some((name) => unit.startsWith(name));
}
