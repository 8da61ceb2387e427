/**
 * Reads JSON as Go's decoder does where it reads into anything: whole numbers are exact as far as 64 bits reach, all others are
 * doubles. A number with a point or an exponent is a double. @throws SyntaxError; RangeError where a text with such a number
 * nests thousands deep
 */
export function parseJson(text: string): unknown {
  return mayHoldInt64(text) ? JSON.parse(text, exact) : JSON.parse(text);
}

/** Whether a number may stand in the text that a double cannot hold: so many digits in a row, where a number begins. */
export function mayHoldInt64(text: string): boolean {
  // A run of 16 digits covers a 16th character, wherever it begins: the others need not be looked at.
  for (let at = digitsMin - 1; at < text.length; at += digitsMin) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let begin = at;
    while (isDigit(text.charCodeAt(begin - 1))) begin -= 1;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    if (end - begin >= digitsMin && startsNumber(text, begin)) return true;
    at = end;
  }
  return false;
}

/** As many as 2^53 has. */
const digitsMin = 16;

/** Charcodes behind the end of a text are NaN. */
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function startsNumber(text: string, digits: number): boolean {
  const before = text.charAt(digits - 1);
  return before === '-' ? numberFollows.test(text.charAt(digits - 2)) : numberFollows.test(before);
}

/** Nothing, where the number is the whole text. */
const numberFollows = /^[:,[\s]?$/;

type Reading = { readonly source?: string };

/** The language says what a value was read from; its types do not yet. */
const exact = ((_key: string, value: unknown, { source }: Reading): unknown => {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return wholeNumber(source) ?? value;
}) as (key: string, value: unknown) => unknown;

/** The number that digits say, where it fits 64 bits and no double holds it for sure. */
export function wholeNumber(digits: string): number | bigint | undefined {
  // More digits never fit, and a million of them take long to be read.
  if (!/^-?\d{1,19}$/.test(digits)) return undefined;
  const whole = BigInt(digits);
  if (BigInt.asIntN(64, whole) !== whole) return undefined;
  return jsonInteger(whole);
}

/** A whole number in the form that JSON values have. */
export function jsonInteger(whole: bigint): number | bigint {
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}
