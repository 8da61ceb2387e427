/**
 * Says what is wrong with a text that is not JSON, in the words of Go's encoding/json, which clients print.
 * Bytes are taken one by one, as there: a stray byte of a longer character is named by its own code.
 */
export function jsonSyntaxError(bytes: Buffer): string {
  const scan: Scan = { bytes, at: 0 };
  const inside: ('{' | '[')[] = [];
  let error = scanValueStart(scan, inside);
  while (error === undefined) {
    const closed = inside.at(-1);
    const character = nextCharacter(scan);
    if (character === undefined) return closed === undefined ? 'invalid JSON' : endOfInput;
    error = closed === undefined ? unexpected(character, 'after top-level value') : scanAfterValue(scan, inside, character);
  }
  return error;
}

type Scan = { readonly bytes: Buffer; at: number };
type Fault = string | undefined;

const endOfInput = 'unexpected end of JSON input';
const depthMax = 10_000;

/** Reads one value. Containers are only opened: their first value or key is read too, the rest by `scanAfterValue`. */
function scanValueStart(scan: Scan, inside: ('{' | '[')[]): Fault {
  for (;;) {
    const character = nextCharacter(scan);
    if (character === undefined) return endOfInput;
    if (character === '{') {
      const fault = openObject(scan, inside);
      if (fault !== 'value follows') return fault;
    } else if (character === '[') {
      if (inside.push('[') > depthMax) return 'exceeded max depth';
      if (peekCharacter(scan) !== ']') continue;
      scan.at += 1;
      inside.pop();
      return undefined;
    } else return scanScalar(scan, character);
  }
}

function openObject(scan: Scan, inside: ('{' | '[')[]): Fault {
  if (inside.push('{') > depthMax) return 'exceeded max depth';
  if (peekCharacter(scan) !== '}') return scanKey(scan) ?? 'value follows';
  scan.at += 1;
  inside.pop();
  return undefined;
}

function scanKey(scan: Scan): Fault {
  const quote = nextCharacter(scan);
  if (quote === undefined) return endOfInput;
  if (quote !== '"') return unexpected(quote, 'looking for beginning of object key string');
  const fault = scanString(scan);
  if (fault !== undefined) return fault;
  const colon = nextCharacter(scan);
  if (colon === undefined) return endOfInput;
  return colon === ':' ? undefined : unexpected(colon, 'after object key');
}

function scanAfterValue(scan: Scan, inside: ('{' | '[')[], character: string): Fault {
  const isObject = inside.at(-1) === '{';
  if (character === (isObject ? '}' : ']')) {
    inside.pop();
    return undefined;
  }
  if (character !== ',') return unexpected(character, isObject ? 'after object key:value pair' : 'after array element');
  return (isObject ? scanKey(scan) : undefined) ?? scanValueStart(scan, inside);
}

function scanScalar(scan: Scan, first: string): Fault {
  if (first === '"') return scanString(scan);
  if (first === 't') return scanLiteral(scan, 'true');
  if (first === 'f') return scanLiteral(scan, 'false');
  if (first === 'n') return scanLiteral(scan, 'null');
  if (first === '-' || isDigit(first)) return scanNumber(scan, first);
  return unexpected(first, 'looking for beginning of value');
}

function scanLiteral(scan: Scan, word: string): Fault {
  for (const expected of word.slice(1)) {
    const character = takeByte(scan);
    if (character === undefined) return endOfInput;
    if (character !== expected) return unexpected(character, `in literal ${word} (expecting '${expected}')`);
  }
  return undefined;
}

function scanString(scan: Scan): Fault {
  for (;;) {
    const character = takeByte(scan);
    if (character === undefined) return endOfInput;
    if (character === '"') return undefined;
    if (character < ' ') return unexpected(character, 'in string literal');
    if (character !== '\\') continue;
    const fault = scanEscape(scan);
    if (fault !== undefined) return fault;
  }
}

function scanEscape(scan: Scan): Fault {
  const escaped = takeByte(scan);
  if (escaped === undefined) return endOfInput;
  if (escaped !== 'u') return '"\\/bfnrt'.includes(escaped) ? undefined : unexpected(escaped, 'in string escape code');
  for (let digits = 0; digits < 4; digits += 1) {
    const digit = takeByte(scan);
    if (digit === undefined) return endOfInput;
    if (!/[0-9a-fA-F]/.test(digit)) return unexpected(digit, 'in \\u hexadecimal character escape');
  }
  return undefined;
}

function scanNumber(scan: Scan, sign: string): Fault {
  const first = sign === '-' ? takeByte(scan) : sign;
  if (first === undefined) return endOfInput;
  if (!isDigit(first)) return unexpected(first, 'in numeric literal');
  if (first !== '0') skipDigits(scan);
  if (peekByte(scan) === '.') {
    scan.at += 1;
    const fault = demandDigit(scan, 'after decimal point in numeric literal');
    if (fault !== undefined) return fault;
  }
  if (peekByte(scan)?.toLowerCase() !== 'e') return undefined;
  scan.at += 1;
  const next = peekByte(scan);
  if (next === '+' || next === '-') scan.at += 1;
  return demandDigit(scan, 'in exponent of numeric literal');
}

function demandDigit(scan: Scan, where: string): Fault {
  const character = takeByte(scan);
  if (character === undefined) return endOfInput;
  if (!isDigit(character)) return unexpected(character, where);
  skipDigits(scan);
  return undefined;
}

function skipDigits(scan: Scan): void {
  while (isDigit(peekByte(scan) ?? '')) scan.at += 1;
}

const isDigit = (character: string): boolean => character.length === 1 && character >= '0' && character <= '9';

function peekByte({ bytes, at }: Scan): string | undefined {
  const byte = bytes[at];
  return byte === undefined ? undefined : String.fromCharCode(byte);
}

function takeByte(scan: Scan): string | undefined {
  const character = peekByte(scan);
  scan.at += 1;
  return character;
}

function peekCharacter(scan: Scan): string | undefined {
  while (' \t\r\n'.includes(peekByte(scan) ?? 'x')) scan.at += 1;
  return peekByte(scan);
}

function nextCharacter(scan: Scan): string | undefined {
  const character = peekCharacter(scan);
  scan.at += 1;
  return character;
}

function unexpected(character: string, where: string): string {
  return `invalid character ${goCharacter(character)} ${where}`;
}

/** A character in Go's quotes: `'b'`, `'\''`, `'\x00'`, `'\u0081'`. */
function goCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '\\') return "'\\\\'";
  const named = goEscapes[character];
  if (named !== undefined) return `'${named}'`;
  const code = character.charCodeAt(0);
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`;
  if ((code >= 0x80 && code <= 0xa0) || code === 0xad) return `'\\u${code.toString(16).padStart(4, '0')}'`;
  return `'${character}'`;
}

const goEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
