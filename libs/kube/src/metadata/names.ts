import type { NameRule } from '../served-kind.ts';

/** Rules for names, with the texts clients see. Each function answers the problems it found; none means valid. */

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const dns1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const label = new RegExp(`^${labelFormat}$`);
const dns1035 = new RegExp(`^${dns1035Format}$`);
const labelValue = new RegExp(`^(${qualifiedFormat})?$`);
const qualified = new RegExp(`^${qualifiedFormat}$`);

export function nameProblems(name: string, rule: NameRule): readonly string[] {
  switch (rule) {
    case 'dns1123subdomain':
      return subdomainProblems(name);
    case 'dns1123label':
      return labelProblems(name);
    case 'dns1035label':
      return dns1035Problems(name);
    case 'pathSegment':
      return name === '.' || name === '..' ? [`may not be '${name}'`] : pathSegmentProblems(name);
  }
}

/** Of a name to which something will be appended: a dash at the end, or nothing but dots, does no harm. */
export function namePrefixProblems(prefix: string, rule: NameRule): readonly string[] {
  return rule === 'pathSegment' ? pathSegmentProblems(prefix) : nameProblems(withoutTrailingDash(prefix), rule);
}

/** As upstream does it: the dash and the character before it give way to one safe character. */
function withoutTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function subdomainProblems(name: string): readonly string[] {
  const tooLong = name.length > 253 ? [lengthProblem(253)] : [];
  // Label by label: one expression for the whole name would backtrack.
  if (name.split('.').every((part) => label.test(part))) return tooLong;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...tooLong, expressionProblem(rule, subdomainFormat, ['example.com'])];
}

export function labelProblems(name: string): readonly string[] {
  const tooLong = name.length > 63 ? [lengthProblem(63)] : [];
  if (label.test(name)) return tooLong;
  if (name.split('.').every((part) => label.test(part))) return [...tooLong, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...tooLong, expressionProblem(rule, labelFormat, ['my-name', '123-abc'])];
}

export function dns1035Problems(name: string): readonly string[] {
  const tooLong = name.length > 63 ? [lengthProblem(63)] : [];
  if (dns1035.test(name)) return tooLong;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...tooLong, expressionProblem(rule, dns1035Format, ['my-name', 'abc-123'])];
}

function pathSegmentProblems(name: string): readonly string[] {
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`);
}

/** A few keys stand on nearly every object: those that were found to be valid are not looked at again. */
const knownQualified = new Set<string>();
const knownQualifiedMax = 1_000;

/** Keys of labels and annotations, finalizers: `name`, or `example.com/name`. */
export function qualifiedNameProblems(text: string): readonly string[] {
  if (knownQualified.has(text)) return none;
  const problems = problemsOfQualified(text);
  if (problems.length === 0 && knownQualified.size < knownQualifiedMax) knownQualified.add(text);
  return problems;
}

const none: readonly string[] = [];

function problemsOfQualified(text: string): readonly string[] {
  const [first = '', second, ...more] = text.split('/');
  const rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const expression = (): string => expressionProblem(rule, qualifiedFormat, ['MyName', 'my.name', '123-abc']);
  if (more.length > 0)
    return [`a qualified name ${expression()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const name = second ?? first;
  return [
    ...(second === undefined ? [] : prefixProblems(first)),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > 63 ? [`name part ${lengthProblem(63)}`] : []),
    ...(qualified.test(name) ? [] : [`name part ${expression()}`]),
  ];
}

function prefixProblems(prefix: string): readonly string[] {
  const problems = prefix === '' ? ['must be non-empty'] : subdomainProblems(prefix);
  return problems.map((problem) => `prefix part ${problem}`);
}

export function labelValueProblems(value: string): readonly string[] {
  const tooLong = Buffer.byteLength(value) > 63 ? [lengthProblem(63)] : [];
  if (labelValue.test(value)) return tooLong;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...tooLong, expressionProblem(rule, `(${qualifiedFormat})?`, ['MyValue', 'my_value', '12345'])];
}

function lengthProblem(max: number): string {
  return `must be no more than ${max} characters`;
}

/** The odd commas are upstream's: `(e.g. 'my-name',  or '123-abc', regex used …)`. */
function expressionProblem(rule: string, format: string, examples: readonly string[]): string {
  return `${rule} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${format}')`;
}
