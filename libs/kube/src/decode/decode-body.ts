import { mayHoldInt64, parseJson } from '#json';
import type { Json } from '../json.ts';
import { duplicateFieldPaths } from './duplicate-fields.ts';
import { nestingMax, unsoundMessage, type DecodedBody } from './decoded.ts';
import { inspectTree } from './inspect-tree.ts';
import { jsonSyntaxError } from './json-syntax-error.ts';
import { decodeYaml } from './decode-yaml.ts';

export type BodyMediaType = 'application/json' | 'application/yaml';

/**
 * Turns bytes into a value that is safe to walk recursively: bounded nesting, finite numbers, no `__proto__`.
 * The last of several equal keys wins; their paths (`spec.color`, `spec.items[0].name`) are reported.
 */
export function decodeBody(bytes: Buffer, mediaType: BodyMediaType): DecodedBody {
  return mediaType === 'application/yaml' ? decodeYaml(bytes, nestingMax) : decodeJson(bytes);
}

function decodeJson(bytes: Buffer): DecodedBody {
  const text = bytes.toString('utf8');
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { type: 'malformed', message: jsonSyntaxError(bytes) };
  }
  const finding = inspectTree(value, nestingMax);
  if (finding.type !== 'sound') return { type: 'malformed', message: unsoundMessage(finding) };
  // Exact reading walks the tree by recursion: only now is that safe.
  if (mayHoldInt64(text)) value = parseJson(text) as Json;
  const duplicateFields = keyTokenCount(text) === finding.keyCount ? none : duplicateFieldPaths(text);
  return { type: 'decoded', value, duplicateFields };
}

const none: readonly string[] = [];
/** How many keys a sound JSON text writes. More than the value has means that some were written twice. */
function keyTokenCount(text: string): number {
  let count = 0;
  for (let begin = text.indexOf('"'); begin >= 0;) {
    let end = text.indexOf('"', begin + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    let next = end + 1;
    while (isSpace(text.charCodeAt(next))) next += 1;
    if (text.charCodeAt(next) === colon) count += 1;
    begin = text.indexOf('"', next);
  }
  return count;
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === backslash) at -= 1;
  return (quote - at) % 2 === 1;
}

const [colon, backslash] = [0x3a, 0x5c];
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
