import type { Json } from '../json.ts';

/**
 * Values as upstream's messages print them: Go's `%v`, `%q` and `%#v`. Clients show these texts, some match them.
 */
export function goValue(value: Json | undefined): string {
  if (value === null || value === undefined) return '"null"';
  if (typeof value === 'string') return goQuote(value);
  if (isNumeric(value)) return goNumber(value);
  return goSyntax(value);
}

export function goQuote(text: string): string {
  return plain.test(text) ? `"${text}"` : `"${text.replace(unprintable, goEscape)}"`;
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const unprintable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function goEscape(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Whole numbers print as int64, others as float64 (`%v`: exponent form from 1e+06 on and below 1e-04). */
export function goNumber(value: number | bigint): string {
  return isGoInteger(value) ? BigInt(value).toString() : goFloat(value);
}

/** Whether Go's JSON decoder makes an int64 of the number. Beyond 2^53 these are bigints, and what is a number is a float64. */
export function isGoInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** A limit of a schema is a float64 upstream, and cut to an int64 where a whole number is held against it. */
export function goLimit(limit: number, value: number | bigint): string {
  return isGoInteger(value) && Number.isInteger(limit) && Math.abs(limit) < 2 ** 63 ? BigInt(limit).toString() : goFloat(limit);
}

export function isNumeric(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function goFloat(given: number | bigint): string {
  const value = Number(given);
  if (value === 0) return '0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** Go's `%#v` of decoded JSON: `map[string]interface {}{"name":"x"}`, keys sorted. */
function goSyntax(value: Json | undefined): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (isNumeric(value)) return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${goQuote(key)}:${goSyntax(value[key])}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}

/** Go's `%v` of decoded JSON: `map[name:x]`, keys sorted, texts as they are. */
export function goPlain(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (isNumeric(value)) return goNumber(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(goPlain).join(' ')}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goPlain(value[key])}`);
  return `map[${fields.join(' ')}]`;
}

/** Go's `%#v` of a list of strings: `[]string{"a", "b"}`. */
export function goStrings(texts: readonly string[]): string {
  return `[]string{${texts.map(goQuote).join(', ')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
