import { RE2JS } from 're2js';
import { CelError, ValueList, type Value } from '../values.ts';
import { member, type Overload } from './declare.ts';

/** Patterns are mostly constants of rules: few, and used again and again. */
const known = new Map<string, RE2JS | CelError>();
const knownMax = 500;

/** RE2 only: its time is linear in the text, whatever the pattern. */
export function compiledRegex(pattern: string): RE2JS | CelError {
  const found = known.get(pattern);
  if (found) return found;
  const compiled = compile(pattern);
  if (known.size >= knownMax) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RE2JS | CelError {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return new CelError(`error parsing regexp: ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : ''}`);
  }
}

export const regexFunctions: readonly Overload[] = [
  member('find', 'string_find_string', 'string, string -> string', find),
  member('findAll', 'string_find_all_string', 'string, string -> list(string)', (text: string, pattern: string) =>
    findAll(text, pattern, -1n),
  ),
  member('findAll', 'string_find_all_string_int', 'string, string, int -> list(string)', findAll),
];

function find(text: string, pattern: string): Value {
  const regex = compiledRegex(pattern);
  if (regex instanceof CelError) return regex;
  const matcher = regex.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: string, pattern: string, limit: bigint): Value {
  const regex = compiledRegex(pattern);
  if (regex instanceof CelError) return regex;
  const found: string[] = [];
  const matcher = regex.matcher(text);
  let end = -1;
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
    const match = matcher.group() ?? '';
    // An empty match right behind another is none.
    if (match !== '' || matcher.start() !== end) found.push(match);
    end = matcher.end();
  }
  return new ValueList(found);
}
