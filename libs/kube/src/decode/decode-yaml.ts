import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Node, type ScalarTag, type Tags } from 'yaml';
import { jsonInteger } from '#json';
import type { Json } from '../json.ts';
import { unsoundMessage, type DecodedBody } from './decoded.ts';
import { inspectTree } from './inspect-tree.ts';

/** YAML is parsed in one piece and slowly; no client sends more than a manifest this way. */
const yamlBytesMax = 1024 * 1024;

const aliasesMax = 100;
const prefix = 'error converting YAML to JSON: yaml: ';

/** One document, in the YAML 1.1 that Go's parser speaks (`yes` is true), without the tags that JSON has no word for. */
export function decodeYaml(bytes: Buffer, depthMax: number): DecodedBody {
  if (bytes.length > yamlBytesMax) return malformed(`${prefix}document is larger than ${yamlBytesMax} bytes`);
  const text = bytes.toString('utf8');
  if (looksLikeBomb(text, depthMax)) return malformed(`${prefix}exceeded max depth of ${depthMax}`);
  try {
    const document = parseDocument(text, {
      version: '1.1',
      merge: true,
      uniqueKeys: false,
      customTags: jsonTags,
      intAsBigInt: true,
      logLevel: 'error',
      prettyErrors: false,
    });
    const [error] = document.errors;
    if (error !== undefined) return malformed(`${prefix}line ${lineOf(text, error.pos[0])}: ${error.message}`);
    const value = (document.toJS({ maxAliasCount: aliasesMax }) ?? null) as Json;
    const finding = inspectTree(value, depthMax);
    if (finding.type !== 'sound') return malformed(unsoundMessage(finding));
    const duplicateFields: string[] = [];
    collectDuplicates(document.contents as Node | null, '', duplicateFields);
    return { type: 'decoded', value, duplicateFields };
  } catch (error) {
    // The parser throws on exhausted aliases and on nesting that its recursion cannot follow: both are the document's fault.
    return malformed(`${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
}

const malformed = (message: string): DecodedBody => ({ type: 'malformed', message });

const foreignTags: ReadonlySet<string> = new Set([
  'tag:yaml.org,2002:timestamp',
  'tag:yaml.org,2002:binary',
  'tag:yaml.org,2002:omap',
  'tag:yaml.org,2002:pairs',
  'tag:yaml.org,2002:set',
]);
const jsonTags = (tags: Tags): Tags =>
  tags
    .filter((tag) => typeof tag === 'string' || !(foreignTags.has(tag.tag) || ('format' in tag && tag.format === 'TIME')))
    .map((tag) => (typeof tag !== 'string' && tag.tag === integerTag ? asJsonNumber(tag as ScalarTag) : tag))
    .concat(octal);

const integerTag = 'tag:yaml.org,2002:int';

const asJsonNumber = (tag: ScalarTag): ScalarTag => ({
  ...tag,
  resolve: (text, onError, options) => jsonNumber(tag.resolve(text, onError, options) as bigint),
});

/** Go reads YAML 1.2's octal numbers too. */
const octal: ScalarTag = {
  tag: integerTag,
  default: true,
  test: /^[-+]?0o[0-7_]*[0-7]$/,
  resolve: (text) => {
    const whole = BigInt(text.replace(/^[-+]|_/g, ''));
    return jsonNumber(text.startsWith('-') ? -whole : whole);
  },
};

/** What does not fit 64 bits is a double. */
const jsonNumber = (whole: bigint): number | bigint => (BigInt.asIntN(64, whole) === whole ? jsonInteger(whole) : Number(whole));

/** The parser needs seconds to refuse a megabyte of brackets; a glance at the text needs none. Brackets in prose may be unbalanced, so only long runs count. */
function looksLikeBomb(text: string, depthMax: number): boolean {
  if (/(?:[-?][ \t]+){64}/.test(text)) return true;
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[{\]}\n]/g)) {
    if (bracket === '\n') continue;
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > depthMax * 2) return true;
  }
  return false;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function collectDuplicates(node: unknown, path: string, found: string[]): void {
  if (isAlias(node) || isScalar(node)) return;
  if (isSeq(node)) node.items.forEach((item, index) => collectDuplicates(item, `${path}[${index}]`, found));
  if (!isMap(node)) return;
  const keys = new Set<string>();
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const inside = path === '' ? key : `${path}.${key}`;
    if (keys.has(key) && !found.includes(inside) && key !== '<<') found.push(inside);
    keys.add(key);
    collectDuplicates(pair.value, inside, found);
  }
}
