const pathsMax = 100;

/** Paths of keys that stand twice in one object of a valid JSON text, in document order. The slow pass, for the rare text that has any. */
export function duplicateFieldPaths(text: string): readonly string[] {
  const found = new Set<string>();
  const open: Container[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null && found.size < pathsMax; match = token.exec(text)) {
    const [lexeme] = match;
    const inside = open.at(-1);
    if (lexeme === '{' || lexeme === '[')
      open.push({ path: inside === undefined ? '' : pathInside(inside), keys: lexeme === '{' ? new Set() : undefined, index: 0, key: '' });
    else if (lexeme === '}' || lexeme === ']') open.pop();
    else if (lexeme === ',') {
      if (inside !== undefined) inside.index += 1;
    } else if (match[1] !== undefined && inside?.keys !== undefined) enterKey(inside, JSON.parse(match[1]) as string, found);
  }
  return [...found];
}

type Container = { readonly path: string; readonly keys: Set<string> | undefined; index: number; key: string };

/** A key with its colon, any other string, or a mark of structure. Numbers and literals are skipped. */
const token = /("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

function enterKey(container: Container, key: string, found: Set<string>): void {
  container.key = key;
  if (container.keys?.has(key) === true) found.add(pathInside(container));
  else container.keys?.add(key);
}

function pathInside({ path, keys, index, key }: Container): string {
  if (keys === undefined) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}
