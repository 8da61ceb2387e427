import { labelKeyFault, labelValueFault } from './label-syntax.ts';

export type Labels = Readonly<Record<string, string>>;

export type ParsedLabelSelector =
  /** An empty selector keeps everything. */
  | { readonly type: 'parsed'; readonly requirements: readonly LabelRequirement[] }
  /** `message` is upstream's, complete. */
  | { readonly type: 'malformed'; readonly message: string };

export type LabelRequirement = { readonly key: string; readonly operator: LabelOperator; readonly values: readonly string[] };
export type LabelOperator = 'exists' | '!' | '=' | '==' | '!=' | 'in' | 'notin' | 'gt' | 'lt';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors, and `k>1`, `k<1`. */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  const reader: Reader = { lexemes: lex(text), at: 0 };
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const next = peek(reader);
    if (next.type === 'end') return { type: 'parsed', requirements };
    if (next.type !== 'identifier' && next.text !== '!')
      return malformed(`found '${next.text}', expected: !, identifier, or 'end of string'`);
    const requirement = readRequirement(reader);
    if (typeof requirement === 'string') return malformed(`unable to parse requirement: ${requirement}`);
    requirements.push(requirement);
    const after = take(reader);
    if (after.type === 'end') return { type: 'parsed', requirements };
    if (after.text !== ',') return malformed(`found '${after.text}', expected: ',' or 'end of string'`);
    const following = peek(reader);
    if (following.type !== 'identifier' && following.text !== '!')
      return malformed(`found '${following.text}', expected: identifier after ','`);
  }
}

/** Whether all requirements hold; without any, everything matches. */
export function labelsMatch(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  for (const requirement of requirements) if (!labelMatches(requirement, labels)) return false;
  return true;
}

function labelMatches({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return value !== undefined && integerText.test(value) && BigInt(value) > BigInt(values[0] ?? '0');
    case 'lt':
      return value !== undefined && integerText.test(value) && BigInt(value) < BigInt(values[0] ?? '0');
  }
}

const integerText = /^-?\d{1,19}$/;

/** `type` tells words from marks; a word may also be `in` or `notin`, which are operators only behind a key. */
type Lexeme = { readonly type: 'identifier' | 'mark' | 'end'; readonly text: string };
type Reader = { readonly lexemes: readonly Lexeme[]; at: number };

const end: Lexeme = { type: 'end', text: '' };
const peek = ({ lexemes, at }: Reader): Lexeme => lexemes[at] ?? end;

function take(reader: Reader): Lexeme {
  const lexeme = peek(reader);
  reader.at += 1;
  return lexeme;
}

function lex(text: string): readonly Lexeme[] {
  return Array.from(text.matchAll(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g), ([lexeme]) => ({
    type: /^[=!<>(),]/.test(lexeme) ? 'mark' : 'identifier',
    text: lexeme,
  }));
}

const malformed = (message: string): ParsedLabelSelector => ({ type: 'malformed', message });

/** Answers a requirement, or what is wrong with it. */
function readRequirement(reader: Reader): LabelRequirement | string {
  const negated = peek(reader).text === '!';
  if (negated) reader.at += 1;
  const key = take(reader);
  if (key.type !== 'identifier') return `found '${key.text}', expected: identifier`;
  const fault = labelKeyFault(key.text);
  if (fault !== undefined) return `key: Invalid value: ${JSON.stringify(key.text)}: ${fault}`;
  if (negated) return { key: key.text, operator: '!', values: [] };
  const next = peek(reader);
  if (next.type === 'end' || next.text === ',') return { key: key.text, operator: 'exists', values: [] };
  const operator = operators[take(reader).text];
  if (operator === undefined) return `found '${next.text}', expected: in, notin, =, ==, !=, gt, lt`;
  const values = operator === 'in' || operator === 'notin' ? readValues(reader) : readExactValue(reader);
  return typeof values === 'string' ? values : checkedRequirement({ key: key.text, operator, values });
}

const operators: Readonly<Record<string, LabelOperator | undefined>> = Object.assign(
  Object.create(null) as object,
  {
    '=': '=',
    '==': '==',
    '!=': '!=',
    in: 'in',
    notin: 'notin',
    '>': 'gt',
    '<': 'lt',
  } as const,
);

function readValues(reader: Reader): readonly string[] | string {
  const open = take(reader);
  if (open.text !== '(') return `found '${open.text}' expected: '('`;
  const values = new Set<string>();
  let value: string | undefined;
  for (;;) {
    const lexeme = take(reader);
    if (lexeme.type === 'identifier') {
      if (value !== undefined) return `found '${lexeme.text}', expected: ',' or ')'`;
      value = lexeme.text;
    } else if (lexeme.text === ',' || lexeme.text === ')') {
      if (lexeme.text === ',' || value !== undefined || values.size > 0) values.add(value ?? '');
      value = undefined;
      if (lexeme.text === ')') return [...values].sort();
    } else return `found '${lexeme.text}', expected: ',', ')' or identifier`;
  }
}

function readExactValue(reader: Reader): readonly string[] | string {
  const next = peek(reader);
  if (next.type === 'end' || next.text === ',') return [''];
  reader.at += 1;
  return next.type === 'identifier' ? [next.text] : `found '${next.text}', expected: identifier`;
}

function checkedRequirement(requirement: LabelRequirement): LabelRequirement | string {
  const { key, operator, values } = requirement;
  if ((operator === 'in' || operator === 'notin') && values.length === 0)
    return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
  if ((operator === 'gt' || operator === 'lt') && !integerText.test(values[0] ?? ''))
    return `values[0]: Invalid value: ${JSON.stringify(values[0] ?? '')}: for 'Gt', 'Lt' operators, the value must be an integer`;
  for (const [index, value] of values.entries()) {
    const fault = labelValueFault(value);
    if (fault !== undefined) return `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`;
  }
  return requirement;
}
