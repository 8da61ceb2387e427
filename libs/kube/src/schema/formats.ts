import { isIPv4, isIPv6 } from 'node:net';
import type { Json } from '../json.ts';

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
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isSloppyIpv4],
  ['ipv6', isIpv6Text],
  ['cidr', isCidr],
  [
    'mac',
    matches(
      /^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:(?:[0-9a-f]{2}\1){2}|(?:[0-9a-f]{2}\1){14})?[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.|(?:[0-9a-f]{4}\.){7})?[0-9a-f]{4})$/i,
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
]);

function matches(expression: RegExp): (text: string) => boolean {
  return (text) => expression.test(text);
}

/** What a request line may carry: an absolute URI, a path from the root, or `*`. */
function isRequestUri(text: string): boolean {
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return false;
  const rest = text.replace(/^[a-z][a-z0-9+.-]*:/i, '');
  if (!rest.startsWith('/')) return rest !== text || text === '*';
  if (/[ ]|%(?![0-9a-f]{2})/i.test(rest)) return false;
  return rest === text || !/^\/\/[^/]/.test(rest) || URL.canParse(`http:${rest}`);
}

/** RFC 5322 in its common shapes: `a@b`, `Name <a@b>`. */
function isEmail(text: string): boolean {
  if (text.length > 1000) return false;
  const address = /^[^<>]*<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  return /^\s*(?:"(?:[^"\\]|\\.)*"|[^\s()<>@,;:\\".[\]]+(?:\.[^\s()<>@,;:\\".[\]]+)*)@(?:\[[^\]\s]+\]|[^\s()<>@,;:\\".[\]]+(?:\.[^\s()<>@,;:\\".[\]]+)*)\s*$/u.test(
    address,
  );
}

function isHostname(text: string): boolean {
  if (Buffer.byteLength(text) > 255) return false;
  const labels = text.split('.');
  const known = labels.every(
    (label) => Buffer.byteLength(label) <= 63 && /^[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]*[a-zA-Z0-9\p{S}\p{L}])?$/u.test(label),
  );
  return known && (labels.length === 1 || /^[a-zA-Z\p{L}]{2,63}$/u.test(labels.at(-1) ?? ''));
}

/** Leading zeros are tolerated, as clients of old rely on it. */
function isSloppyIpv4(text: string): boolean {
  return isIPv4(withoutLeadingZeros(text)) || (text.includes('.') && isIPv6(text) && !text.includes('%'));
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
let lastDateTime = '';

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
  if (/^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u.test(text)) return true;
  const found = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/gu)];
  return found.some(([, , unit = '']) => isDurationUnit(unit.toLowerCase()));
}

function isDurationUnit(unit: string): boolean {
  const short = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk'];
  const long = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];
  return short.includes(unit) || long.some((name) => unit.startsWith(name));
}
