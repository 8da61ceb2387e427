import { CelError, ValueList, type CelList, type Value } from '../values.ts';
import { member, global, type Overload } from './declare.ts';
import { formatText } from './format-text.ts';
import { compiledRegex } from './regex.ts';

/** Positions count code points, so texts with characters beyond the basic plane are taken apart first. */
export const stringFunctions: readonly Overload[] = [
  member('contains', 'contains_string', 'string, string -> bool', (text: string, part: string) => text.includes(part)),
  member('startsWith', 'starts_with_string', 'string, string -> bool', (text: string, part: string) => text.startsWith(part)),
  member('endsWith', 'ends_with_string', 'string, string -> bool', (text: string, part: string) => text.endsWith(part)),
  member('matches', 'matches_string', 'string, string -> bool', matches),
  global('matches', 'matches_string', 'string, string -> bool', matches),
  member('charAt', 'string_char_at_int', 'string, int -> string', charAt),
  member('indexOf', 'string_index_of_string', 'string, string -> int', (text: string, part: string) => indexOf(text, part, 0n)),
  member('indexOf', 'string_index_of_string_int', 'string, string, int -> int', indexOf),
  member('lastIndexOf', 'string_last_index_of_string', 'string, string -> int', (text: string, part: string) =>
    lastIndexOf(text, part, undefined),
  ),
  member('lastIndexOf', 'string_last_index_of_string_int', 'string, string, int -> int', lastIndexOf),
  member('lowerAscii', 'string_lower_ascii', 'string -> string', (text: string) => text.replace(/[A-Z]+/g, (run) => run.toLowerCase())),
  member('upperAscii', 'string_upper_ascii', 'string -> string', (text: string) => text.replace(/[a-z]+/g, (run) => run.toUpperCase())),
  member('replace', 'string_replace_string_string', 'string, string, string -> string', (text: string, from: string, to: string) =>
    replace(text, from, to, -1n),
  ),
  member('replace', 'string_replace_string_string_int', 'string, string, string, int -> string', replace),
  member('split', 'string_split_string', 'string, string -> list(string)', (text: string, separator: string) =>
    split(text, separator, -1n),
  ),
  member('split', 'string_split_string_int', 'string, string, int -> list(string)', split),
  member('substring', 'string_substring_int', 'string, int -> string', (text: string, start: bigint) => substring(text, start, undefined)),
  member('substring', 'string_substring_int_int', 'string, int, int -> string', substring),
  member('trim', 'string_trim', 'string -> string', trim),
  member('join', 'list_join', 'list(string) -> string', (list: CelList) => join(list, '')),
  member('join', 'list_join_string', 'list(string), string -> string', join),
  member('format', 'string_format', 'string, list(dyn) -> string', formatText),
  global('strings.quote', 'strings_quote', 'string -> string', quote),
];

const astral = /[\ud800-\udfff]/;

/** The text as characters: itself where one unit is one character. */
function characters(text: string): string | readonly string[] {
  return astral.test(text) ? Array.from(text) : text;
}

function textOf(part: string | readonly string[]): string {
  return typeof part === 'string' ? part : part.join('');
}

function matches(text: string, pattern: string): Value {
  const regex = compiledRegex(pattern);
  return regex instanceof CelError ? regex : regex.test(text);
}

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, index: bigint): Value {
  const all = characters(text);
  if (index < 0n || index > BigInt(all.length)) return outOfRange(index);
  return all[Number(index)] ?? '';
}

function indexOf(text: string, part: string, from: bigint): Value {
  if (part === '') return from;
  const all = characters(text);
  if (from < 0n) return outOfRange(from);
  if (from >= BigInt(all.length)) return -1n;
  if (typeof all === 'string') return BigInt(all.indexOf(part, Number(from)));
  const skipped = textOf(all.slice(0, Number(from))).length;
  return unitsToCharacters(text, text.indexOf(part, skipped));
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): Value {
  const all = characters(text);
  if (part === '') return from ?? BigInt(all.length);
  if (from !== undefined && from < 0n) return outOfRange(from);
  if (from !== undefined && from > BigInt(all.length)) return -1n;
  if (from === undefined) return unitsToCharacters(text, text.lastIndexOf(part));
  const skipped = textOf(all.slice(0, Number(from))).length;
  return unitsToCharacters(text, text.lastIndexOf(part, skipped));
}

function unitsToCharacters(text: string, index: number): bigint {
  return BigInt(index < 0 ? index : characters(text.slice(0, index)).length);
}

function replace(text: string, from: string, to: string, limit: bigint): Value {
  if (limit === 0n) return text;
  if (limit < 0n) return from === '' ? surround(text, to, Infinity) : text.replaceAll(from, () => to);
  if (from === '') return surround(text, to, Number(limit));
  const parts = text.split(from);
  const kept = Math.min(Number(limit), parts.length - 1);
  const left = parts.slice(0, kept + 1).join(to);
  return [left, ...parts.slice(kept + 1)].join(from);
}

/** Replacing nothing puts the replacement before every character, and at the end. */
function surround(text: string, to: string, limit: number): string {
  const all = Array.from(text);
  const inserted = all.map((character, index) => (index < limit ? to + character : character)).join('');
  return all.length < limit ? inserted + to : inserted;
}

function split(text: string, separator: string, limit: bigint): Value {
  if (limit === 0n) return new ValueList([]);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || parts.length <= Number(limit)) return new ValueList(parts);
  const head = parts.slice(0, Number(limit) - 1);
  return new ValueList([...head, parts.slice(Number(limit) - 1).join(separator)]);
}

function substring(text: string, start: bigint, end: bigint | undefined): Value {
  const all = characters(text);
  const stop = end ?? BigInt(all.length);
  if (end !== undefined && start > stop) return new CelError(`invalid substring range. start: ${start}, end: ${stop}`);
  if (start < 0n || start > BigInt(all.length)) return outOfRange(start);
  if (stop < 0n || stop > BigInt(all.length)) return outOfRange(stop);
  return textOf(all.slice(Number(start), Number(stop)));
}

const blank = '[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const leading = new RegExp(`^${blank}`, 'u');

/** Unicode's white space. From the end by hand: a pattern anchored there would look at every blank inside. */
function trim(text: string): Value {
  const started = text.replace(leading, '');
  let end = started.length;
  while (end > 0 && leading.test(started[end - 1] ?? '')) end--;
  return started.slice(0, end);
}

function join(list: CelList, separator: string): Value {
  const parts = list.values();
  return parts.every((part) => typeof part === 'string') ? parts.join(separator) : new CelError('no such overload');
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

function quote(text: string): Value {
  return `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (character) => escapes.get(character) ?? character).toWellFormed()}"`;
}
