import { Misuse } from './misuse.ts';

const simple: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '`': '`', '?': '?' }),
);

const escape = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))|([^\\]+)/g;

/** A literal's content, its escapes put in. `at`: where a mistake is told. @throws Misuse */
export function decodeEscapes(content: string, isBytes: boolean, at: number): string | Uint8Array {
  if (!content.includes('\\')) return isBytes ? new TextEncoder().encode(content) : content;
  const parts: (string | number)[] = [];
  for (const [, octal, hex, short, long, other, plain] of content.matchAll(escape)) {
    const byte = octal === undefined ? hex : undefined;
    if (plain !== undefined) parts.push(plain);
    else if (octal !== undefined) parts.push(Number.parseInt(octal, 8));
    else if (byte !== undefined) parts.push(Number.parseInt(byte, 16));
    else if (other === undefined) parts.push(codePoint(short ?? long ?? '', isBytes, at));
    else parts.push(simple.get(other) ?? fail('Syntax error: token recognition error at: an escape that there is not', at));
  }
  return isBytes ? bytesOf(parts) : parts.map((part) => (typeof part === 'number' ? String.fromCodePoint(part) : part)).join('');
}

function codePoint(digits: string, isBytes: boolean, at: number): string {
  const code = Number.parseInt(digits, 16);
  const isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (isBytes) return fail('unable to unescape string', at);
  return isScalar ? String.fromCodePoint(code) : fail('invalid unicode code point', at);
}

function bytesOf(parts: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : new TextEncoder().encode(part))));
}

function fail(message: string, at: number): never {
  throw new Misuse(message, at);
}
