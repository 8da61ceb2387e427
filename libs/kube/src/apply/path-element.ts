import { parseJson } from '#json';
import type { Json, JsonObject } from '../json.ts';
import { goNumber, goQuote, isNumeric } from '../schema/go-text.ts';

/**
 * One step of a field's path, in the text that FieldsV1 uses: `f:name` (a field), `k:{"name":"x"}` (the list item with
 * these keys), `v:"x"` (the set item), `i:0` (an index). Two steps are the same exactly where their texts are.
 */
export type PathElement = string;

export const fieldElement = (name: string): PathElement => `f:${name}`;
export const valueElement = (value: Json): PathElement => `v:${goJson(value)}`;

/** `keys` are sorted by name; a key that is undefined is left out. */
export function keyElement(keys: readonly (readonly [string, Json])[]): PathElement {
  let text = 'k:{';
  for (const [name, value] of keys) text += `${text.length === 3 ? '' : ','}${goJson(name)}:${goJson(value)}`;
  return `${text}}`;
}

/** The step that a client wrote, in our spelling; undefined where it is of a kind that nobody knows; @throws SyntaxError. */
export function readElement(text: string): PathElement | undefined {
  if (text.charCodeAt(1) !== colon) throw new SyntaxError(`missing colon: ${text}`);
  switch (text.charAt(0)) {
    case 'f':
      return text;
    case 'v':
      return valueElement(parseJson(text.slice(2)) as Json);
    case 'k':
      return keyElement(keysOf(text));
    case 'i':
      if (!/^i:-?\d+$/.test(text)) throw new SyntaxError(`not an index: ${text}`);
      return `i:${Number(text.slice(2))}`;
    default:
      return undefined;
  }
}

/** The order in which upstream writes and lists steps: fields, keys, values, indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  const kind = rank(a) - rank(b);
  if (kind !== 0) return kind;
  switch (a.charAt(0)) {
    case 'k':
      return compareKeys(keysOf(a), keysOf(b));
    case 'v':
      return compareValues(parseJson(a.slice(2)) as Json, parseJson(b.slice(2)) as Json);
    case 'i':
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareTexts(a, b);
  }
}

/** The step as messages print it: `.name`, `[name="x"]`, `[="x"]`, `[0]`. */
export function elementText(element: PathElement): string {
  switch (element.charAt(0)) {
    case 'k':
      return `[${keysOf(element)
        .map(([name, value]) => `${name}=${scalarText(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${scalarText(parseJson(element.slice(2)) as Json)}]`;
    case 'i':
      return `[${element.slice(2)}]`;
    default:
      return `.${element.slice(2)}`;
  }
}

const colon = 58;

/** Sorting asks for the keys of each item again and again. */
const knownKeys = new Map<PathElement, readonly (readonly [string, Json])[]>();
const knownKeysMax = 4_096;

function keysOf(element: PathElement): readonly (readonly [string, Json])[] {
  let keys = knownKeys.get(element);
  if (keys !== undefined) return keys;
  const read = Object.entries(parseJson(element.slice(2)) as JsonObject) as [string, Json][];
  keys = read.length < 2 ? read : read.sort(([a], [b]) => compareTexts(a, b));
  if (knownKeys.size >= knownKeysMax) knownKeys.clear();
  knownKeys.set(element, keys);
  return keys;
}

const rank = (element: PathElement): number => 'fkvi'.indexOf(element.charAt(0));

function compareKeys(a: readonly (readonly [string, Json])[], b: readonly (readonly [string, Json])[]): number {
  for (let index = 0; ; index += 1) {
    const [own, other] = [a[index], b[index]];
    if (own === undefined || other === undefined) return (own === undefined ? 0 : 1) - (other === undefined ? 0 : 1);
    const order = compareTexts(own[0], other[0]) || compareValues(own[1], other[1]);
    if (order !== 0) return order;
  }
}

function compareValues(a: Json, b: Json): number {
  const kind = valueRank(a) - valueRank(b);
  if (kind !== 0) return kind;
  if (typeof a === 'string') return compareTexts(a, b as string);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  return compareTexts(JSON.stringify(a), JSON.stringify(b));
}

function valueRank(value: Json): number {
  if (isNumeric(value)) return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  if (value === null) return 5;
  return Array.isArray(value) ? 3 : 4;
}

/** By code point, as Go compares UTF-8; the language's own order differs only where surrogates are. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (surrogate.test(a) || surrogate.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const surrogate = /[\ud800-\udfff]/;

function scalarText(value: Json): string {
  if (typeof value === 'string') return goQuote(value);
  if (isNumeric(value)) return goNumber(value);
  return JSON.stringify(value);
}

/** JSON as Go's encoder writes it: with the characters escaped that could end a script in a page. */
export function goJson(value: Json): string {
  const text = JSON.stringify(value);
  return risky.test(text) ? text.replace(riskyAll, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) : text;
}

const risky = /[<>&\u2028\u2029]/;
const riskyAll = /[<>&\u2028\u2029]/g;
