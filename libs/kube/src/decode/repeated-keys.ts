import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

export type RepeatedKey = { readonly key: string; readonly line: number };

/** Where a YAML (or JSON) document says a key again, in document order: for messages about a document that does. */
export function repeatedKeyLines(text: string): readonly RepeatedKey[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, logLevel: 'error', prettyErrors: false, lineCounter: lines });
  const found: RepeatedKey[] = [];
  collect(document.contents, lines, found);
  return found;
}

function collect(node: unknown, lines: LineCounter, found: RepeatedKey[]): void {
  if (isSeq(node)) for (const item of node.items) collect(item, lines, found);
  if (!isMap(node)) return;
  const keys = new Set<string>();
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    if (keys.has(key) && key !== '<<') found.push({ key, line: lines.linePos(pair.key.range?.[0] ?? 0).line });
    keys.add(key);
    collect(pair.value, lines, found);
  }
}
