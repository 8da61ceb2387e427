import { decodeBody, type JsonObject, type KubeObject } from '#kube';

export type ReadItem =
  | { readonly type: 'object'; readonly object: KubeObject }
  /** `line`: where the document begins, from 1. */
  | { readonly type: 'unreadable'; readonly line: number; readonly reason: string };

/** The objects of a text: YAML documents, or JSON with one object on each line. Lists are taken apart. Holds one document at a time. */
export async function* readObjects(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<ReadItem> {
  for await (const { text, line } of documents(chunks)) {
    if (isBlank(text)) continue;
    const decoded = decodeBody(Buffer.from(text), /^\s*\{/.test(text) && isJson(text) ? 'application/json' : 'application/yaml');
    if (decoded.type === 'malformed') yield { type: 'unreadable', line, reason: decoded.message };
    else if (decoded.duplicateFields.length > 0)
      yield { type: 'unreadable', line, reason: `${decoded.duplicateFields.join(', ')} stands there twice` };
    else for (const value of itemsOf(decoded.value)) yield objectIn(value, line);
  }
}

type Document = { readonly text: string; readonly line: number };

async function* documents(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<Document> {
  let lines: string[] = [];
  let begin = 1;
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number += 1;
    const isAlone = lines.length === 0 && line.startsWith('{') && isJson(line);
    if (isAlone) yield { text: line, line: number };
    else if (/^(---|\.\.\.)(\s|$)/.test(line)) {
      if (lines.length > 0) yield { text: lines.join('\n'), line: begin };
      // A document may begin behind its marker.
      const rest = line.slice(3).trim();
      lines = rest === '' ? [] : [rest];
      begin = number;
    } else if (lines.length > 0 || !isBlank(line)) {
      if (lines.length === 0) begin = number;
      lines.push(line);
    }
  }
  if (lines.length > 0) yield { text: lines.join('\n'), line: begin };
}

/** Only line feeds end a line: what other tools take for one may stand in a text. */
async function* linesOf(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const chunk of chunks) {
    const [head = '', ...others] = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n');
    parts.push(head);
    for (const next of others) {
      yield withoutReturn(parts.splice(0).join(''));
      parts.push(next);
    }
  }
  const rest = parts.join('') + decoder.decode();
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

const isBlank = (text: string): boolean => text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? (items as readonly unknown[]) : [value];
}

function objectIn(value: unknown, line: number): ReadItem {
  const { apiVersion, kind, metadata } = (isMap(value) ? value : {}) as JsonObject;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    return { type: 'unreadable', line, reason: 'it has no apiVersion or no kind' };
  if (!isMap(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '')
    return { type: 'unreadable', line, reason: `${kind} has no name` };
  const { namespace, labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = metadata;
  const isSound =
    (namespace === undefined || typeof namespace === 'string') &&
    isMap(labels) &&
    [annotations].every((map) => isMap(map) && Object.values(map).every((text) => typeof text === 'string')) &&
    [finalizers, ownerReferences].every((list) => Array.isArray(list));
  if (!isSound) return { type: 'unreadable', line, reason: `the metadata of ${kind} ${metadata['name']} is of another form` };
  return { type: 'object', object: value as KubeObject };
}

const isMap = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
