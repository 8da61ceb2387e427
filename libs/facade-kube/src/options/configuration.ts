import { decodeBody, goTypeOf, repeatedKeyLines, statusFailure, type Json, type JsonObject, type KubeObject } from '#kube';
import type { Patch } from '#workspace';
import type { Answer } from '../exchange.ts';

/** The body of a server-side apply: a YAML document, which JSON is too. */
export function decodeConfiguration(bytes: Buffer, force: boolean): Patch | Extract<Answer, { type: 'failure' }> {
  const decoded = decodeDocument(bytes);
  if (decoded.type === 'malformed') return malformed(decoded.message);
  const { value, duplicateFields } = decoded;
  if (!isObject(value)) {
    const found = goTypeOf(value);
    return malformed(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
    );
  }
  const config = { ...value, metadata: value['metadata'] ?? {} } as unknown as KubeObject;
  if (duplicateFields.length === 0) return { type: 'apply', config, force };
  return { type: 'apply', config, force, duplicates: duplicatesText(bytes.toString('utf8')) };
}

/** JSON where it is JSON: that takes a fraction of the time. */
function decodeDocument(bytes: Buffer): ReturnType<typeof decodeBody> {
  if (bytes[0] === openingBrace) {
    const decoded = decodeBody(bytes, 'application/json');
    if (decoded.type === 'decoded') return decoded;
  }
  return decodeBody(bytes, 'application/yaml');
}

const openingBrace = 0x7b;

function duplicatesText(text: string): string {
  const lines = repeatedKeyLines(text).map(({ line, key }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`);
  return ['error converting YAML to JSON: yaml: unmarshal errors:', ...lines].join('\n');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): Extract<Answer, { type: 'failure' }> {
  return { type: 'failure', status: statusFailure('BadRequest', `error decoding YAML: ${message}`) };
}
