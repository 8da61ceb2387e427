import { compareText } from '../compare.ts';
import { CelError, OpaqueValue } from '../values.ts';
import { opaque } from '../types.ts';
import { global, member, type Overload } from './declare.ts';

const semverType = opaque('kubernetes.Semver');

/** Build metadata is no part of a version's rank, so it is not kept. */
class Semver extends OpaqueValue {
  readonly type = semverType;
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof Semver && compare(this, other) === 0;
  }
}

export const semverFunctions: readonly Overload[] = [
  global('semver', 'string_to_semver', 'string -> semver', parse),
  global('semver', 'string_bool_to_semver', 'string, bool -> semver', parseAs),
  global('isSemver', 'is_semver_string', 'string -> bool', (text: string) => parse(text) instanceof Semver),
  global(
    'isSemver',
    'is_semver_string_bool',
    'string, bool -> bool',
    (text: string, normalize: boolean) => parseAs(text, normalize) instanceof Semver,
  ),
  member('isGreaterThan', 'semver_is_greater_than', 'semver, semver -> bool', (a: Semver, b: Semver) => compare(a, b) > 0),
  member('isLessThan', 'semver_is_less_than', 'semver, semver -> bool', (a: Semver, b: Semver) => compare(a, b) < 0),
  member('compareTo', 'semver_compare_to', 'semver, semver -> int', (a: Semver, b: Semver) => BigInt(compare(a, b))),
  ...['major', 'minor', 'patch'].map((name, index) =>
    member(name, `semver_${name}`, 'semver -> int', ({ numbers }: Semver) => BigInt.asIntN(64, numbers[index] ?? 0n)),
  ),
];

const digits = /^\d*$/;
const identifier = /^[0-9A-Za-z-]*$/;

/** In the words of the library that upstream uses, for they are shown. */
function parse(text: string): Semver | CelError {
  if (text === '') return new CelError('Version string empty');
  const [major = '', minor, ...rest] = text.split('.');
  if (minor === undefined || rest.length === 0) return new CelError('No Major.Minor.Patch elements found');
  const [beforeBuild = '', build] = cutAt(rest.join('.'), '+');
  const [patch = '', prerelease] = cutAt(beforeBuild, '-');
  const identifiers = prerelease?.split('.') ?? [];
  const problem =
    numberProblem('major', major) ??
    numberProblem('minor', minor) ??
    numberProblem('patch', patch) ??
    identifiers.map(prereleaseProblem).find((fault) => fault !== undefined) ??
    build
      ?.split('.')
      .map(buildProblem)
      .find((fault) => fault !== undefined);
  return problem === undefined ? new Semver([major, minor, patch].map(BigInt), identifiers) : new CelError(problem);
}

function cutAt(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function numberProblem(part: string, text: string): string | undefined {
  if (!digits.test(text)) return `Invalid character(s) found in ${part} number ${JSON.stringify(text)}`;
  if (text.length > 1 && text.startsWith('0'))
    return `${part.charAt(0).toUpperCase()}${part.slice(1)} number must not contain leading zeroes ${JSON.stringify(text)}`;
  if (text === '') return 'strconv.ParseUint: parsing "": invalid syntax';
  return BigInt.asUintN(64, BigInt(text)) === BigInt(text)
    ? undefined
    : `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`;
}

function prereleaseProblem(text: string): string | undefined {
  if (text === '') return 'Prerelease is empty';
  if (!digits.test(text)) return identifier.test(text) ? undefined : `Invalid character(s) found in prerelease ${JSON.stringify(text)}`;
  return text.length > 1 && text.startsWith('0')
    ? `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(text)}`
    : undefined;
}

function buildProblem(text: string): string | undefined {
  if (text === '') return 'Build meta data is empty';
  return identifier.test(text) ? undefined : `Invalid character(s) found in build meta data ${JSON.stringify(text)}`;
}

/** Normalisation drops a leading v and leading zeros, and adds missing parts. */
function parseAs(text: string, normalize: boolean): Semver | CelError {
  if (!normalize) return parse(text);
  const parts = text.replace(/^v/, '').split('.');
  const three = parts.length > 3 ? [...parts.slice(0, 2), parts.slice(2).join('.')] : parts;
  if (three.length < 3 && /[+-]/.test(three.at(-1) ?? '')) return new CelError('short version cannot contain PreRelease/Build meta data');
  const trimmed = three.map((part) => (part.length > 1 ? part.replace(/^0+(?=\d)/, '') : part));
  while (trimmed.length < 3) trimmed.push('0');
  return parse(trimmed.join('.'));
}

function compare(left: Semver, right: Semver): number {
  for (let index = 0; index < 3; index++) {
    const [a = 0n, b = 0n] = [left.numbers[index], right.numbers[index]];
    if (a !== b) return a < b ? -1 : 1;
  }
  // A version without pre-release is the release itself: later than all of them.
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return Math.sign(Number(right.prerelease.length > 0) - Number(left.prerelease.length > 0));
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const order = compareIdentifiers(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function compareIdentifiers(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (a !== b) return a ? -1 : 1;
  if (!a) return compareText(left, right);
  return BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0;
}
