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
  const duplicateFields = keyTokenCount(text) === finding.keyCount ? none : duplicateFieldPaths(text);
  return { type: 'decoded', value, duplicateFields };
}

const none: readonly string[] = [];
const stringToken = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** How many keys the text writes. More than the value has means that some were written twice. */
function keyTokenCount(text: string): number {
  let count = 0;
  stringToken.lastIndex = 0;
  for (let match = stringToken.exec(text); match !== null; match = stringToken.exec(text)) if (match[1] !== undefined) count += 1;
  return count;
}
