import { decodeEscapes } from './text-literal.ts';
import { Misuse } from './misuse.ts';
import { Uint, type CelError, type Value } from './values.ts';

export type Token = {
  readonly type: 'end' | 'mark' | 'word' | 'literal';
  /** As written; of literals nobody asks. */
  readonly text: string;
  /** Of literals. */
  readonly value?: Exclude<Value, CelError>;
  /** Offset in UTF-16 units. */
  readonly at: number;
};

const blank = /(?:[\t \r\n\f]+|\/\/[^\n]*)*/y;
const word = /[_a-zA-Z][_a-zA-Z0-9]*/y;
/** No number ends with its point, and none has letters behind it that could be one: `1.size()` is a call on 1. */
const number = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?/y;
const mark = /==|!=|<=|>=|&&|\|\||[[\]{}().,?:+\-*/%<>!]/y;
const text = /([bB])?("""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\r\n]|\\[^])*"|'(?:[^'\\\r\n]|\\[^])*')/y;
const rawText = /([bB])?[rR]("""[^]*?"""|'''[^]*?'''|"[^"\r\n]*"|'[^'\r\n]*')/y;
/** Names with other characters in them: known to the language, not to this dialect. */
const quotedName = /`[\w.\-/ ]+`/y;

/** Takes CEL text apart. @throws Misuse */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let at = skip(source, 0);
  while (at < source.length) {
    const { token, end } = next(source, at);
    found.push(token);
    at = skip(source, end);
  }
  found.push({ type: 'end', text: '<EOF>', at: source.length });
  return found;
}

function skip(source: string, at: number): number {
  blank.lastIndex = at;
  return at + (blank.exec(source)?.[0].length ?? 0);
}

type Read = { readonly token: Token; readonly end: number };

function next(source: string, at: number): Read {
  const read = textLiteral(source, at) ?? numberLiteral(source, at);
  if (read) return read;
  for (const [pattern, type] of [
    [word, 'word'],
    [mark, 'mark'],
    [quotedName, 'mark'],
  ] as const) {
    const found = match(pattern, source, at)?.[0];
    if (found !== undefined) return { token: { type, text: found, at }, end: at + found.length };
  }
  throw new Misuse(`Syntax error: token recognition error at: '${source.slice(at, at + 10)}'`, at);
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

const literal = (value: Exclude<Value, CelError>, at: number, length: number): Read => ({
  token: { type: 'literal', text: '', value, at },
  end: at + length,
});

function numberLiteral(source: string, at: number): Read | undefined {
  const written = match(number, source, at)?.[0];
  if (written === undefined) return undefined;
  if (written.startsWith('0x') || /^\d+[uU]?$/.test(written)) {
    const isUnsigned = /[uU]$/.test(written);
    const whole = BigInt(isUnsigned ? written.slice(0, -1) : written);
    if (!isUnsigned) return literal(whole, at, written.length);
    if (BigInt.asUintN(64, whole) !== whole) throw new Misuse('invalid uint literal', at);
    return literal(new Uint(whole), at, written.length);
  }
  const value = Number(written);
  if (!Number.isFinite(value)) throw new Misuse('invalid double literal', at);
  return literal(value, at, written.length);
}

function textLiteral(source: string, at: number): Read | undefined {
  const raw = match(rawText, source, at);
  if (raw) {
    const content = unquoted(raw[2] ?? '');
    return literal(raw[1] !== undefined ? new TextEncoder().encode(content) : content, at, raw[0].length);
  }
  const found = match(text, source, at);
  return found ? literal(decodeEscapes(unquoted(found[2] ?? ''), found[1] !== undefined, at), at, found[0].length) : undefined;
}

/** What stands between the quotes. Line ends are one character, however they were written. */
function unquoted(quoted: string): string {
  const quotes = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''")) ? 3 : 1;
  return quoted.slice(quotes, -quotes).replace(/\r\n?/g, '\n');
}
