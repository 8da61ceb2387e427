import { CelError, CelList, CelMap, Duration, Timestamp, TypeValue, typeNameOf, Uint, type Value } from '../values.ts';
import { compareText } from '../compare.ts';
import { doubleText } from './conversions.ts';
import { durationText, timestampText } from './time-text.ts';

/** `"%s has %d".format([name, count])`. Source: cel-go ext/formatting.go. */
export function formatText(template: string, args: CelList): Value {
  let [next, output] = [0, ''];
  for (let index = 0; index < template.length; index++) {
    const character = template.charAt(index);
    if (character !== '%') {
      output += character;
      continue;
    }
    const found = /^%(?:\.(\d+))?([a-zA-Z%])?/.exec(template.slice(index, index + 24));
    const verb = found?.[2];
    if (found === null || verb === undefined) return new CelError('could not parse formatting clause: unexpected end of string');
    index += found[0].length - 1;
    if (verb === '%') {
      output += '%';
      continue;
    }
    if (next >= args.length) return new CelError(`index ${next} out of range`);
    const clause = clauseText(verb, found[1], args.at(next++));
    if (clause instanceof CelError) return clause;
    output += clause;
  }
  return output;
}

function clauseText(verb: string, precision: string | undefined, value: Value): string | CelError {
  switch (verb) {
    case 's':
      return plain(value);
    case 'd':
      return whole(value);
    case 'f':
      return fixed(value, Number(precision ?? 6));
    case 'e':
      return scientific(value, Number(precision ?? 6));
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : radix(value, 2, 'binary');
    case 'x':
      return hexadecimal(value);
    case 'X':
      return upper(hexadecimal(value));
    case 'o':
      return radix(value, 8, 'octal');
    default:
      return new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function upper(text: string | CelError): string | CelError {
  return typeof text === 'string' ? text.toUpperCase() : text;
}

function plain(value: Value): string | CelError {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint) return value.value.toString();
  if (value instanceof Duration) return durationText(value.nanos);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof CelList) return listText(value);
  return value instanceof CelMap ? mapText(value) : mismatch('string', value);
}

function listText(list: CelList): string | CelError {
  const parts: string[] = [];
  for (const item of list.values()) {
    const text = inner(item);
    if (text instanceof CelError) return text;
    parts.push(text);
  }
  return `[${parts.join(', ')}]`;
}

/** Texts inside of lists and maps are quoted. */
function inner(value: Value): string | CelError {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Timestamp || value instanceof Duration) {
    const text = plain(value);
    return typeof text === 'string' ? `${value instanceof Duration ? 'duration' : 'timestamp'}(${JSON.stringify(text)})` : text;
  }
  return plain(value);
}

function mapText(map: CelMap): string | CelError {
  const parts: string[] = [];
  for (const key of map.keys()) {
    const [name, value] = [inner(key), inner(map.find(key) ?? null)];
    if (name instanceof CelError) return name;
    if (value instanceof CelError) return value;
    parts.push(`${name}:${value}`);
  }
  return `{${parts.sort(compareText).join(', ')}}`;
}

function mismatch(wanted: string, value: Value): CelError {
  return new CelError(`error during formatting: ${wanted} clause cannot be used on ${typeNameOf(value)}`);
}

function whole(value: Value): string | CelError {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint) return value.value.toString();
  if (typeof value === 'number') return special(value) ?? mismatch('decimal', value);
  return mismatch('decimal', value);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞';
}

function fixed(value: Value, digits: number): string | CelError {
  if (typeof value !== 'number') return mismatch('fixed-point', value);
  return special(value) ?? evenFixed(value, Math.min(digits, 100));
}

/** Halves go to the even neighbour. Up to a hundred digits, the expansion is exact. */
function evenFixed(value: number, digits: number): string {
  const rounded = value.toFixed(digits);
  const exact = value.toFixed(Math.min(100, digits + 60));
  const [kept, rest] = [exact.slice(0, rounded.length + (digits === 0 ? 1 : 0)), exact.slice(rounded.length + (digits === 0 ? 1 : 0))];
  const isHalf = /^50*$/.test(rest) && kept.replace(/\.$/, '').length === rounded.length;
  return isHalf && /[02468]\.?$/.test(kept) ? kept.replace(/\.$/, '') : rounded;
}

/** Upstream takes the precision for a width: there are always six digits. */
function scientific(value: Value, digits: number): string | CelError {
  if (typeof value !== 'number') return mismatch('scientific', value);
  const [factor = '', exponent = '0'] = value.toExponential(6).split('e');
  return (special(value) ?? `${factor}×10${superscript(Number(exponent))}`).padStart(Math.min(digits, 100));
}

/** Upstream writes powers of ten as typesetters do: `1.5×10⁰³`. */
function superscript(exponent: number): string {
  const raised = String(Math.abs(exponent))
    .padStart(2, '0')
    .replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)));
  return `${exponent < 0 ? '⁻' : ''}${raised}`;
}

function radix(value: Value, base: number, wanted: string): string | CelError {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : mismatch(wanted, value);
}

function hexadecimal(value: Value): string | CelError {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : radix(value, 16, 'hex');
}
