import { labelValueProblems, namePrefixProblems, nameProblems, qualifiedNameProblems } from '../../metadata/names.ts';
import { formatOf } from '../../schema/formats.ts';
import { opaque } from '../types.ts';
import { OpaqueValue, Optional, optionalNone, ValueList, type Value } from '../values.ts';
import { global, member, type Overload } from './declare.ts';
import { parseUrl } from './url.ts';

type Problems = (text: string) => readonly string[];

class NamedFormat extends OpaqueValue {
  readonly type = opaque('kubernetes.NamedFormat');
  readonly name: string;
  readonly problems: Problems;
  constructor(name: string, problems: Problems) {
    super();
    this.name = name;
    this.problems = problems;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

/** A format of the schema language, with what is said of texts that do not have it. */
function schemaFormat(name: string, problem: string): Problems {
  const format = formatOf(name);
  return (text) => (format?.accepts(text) === false ? [problem] : []);
}

type Rule = 'dns1035label' | 'dns1123label' | 'dns1123subdomain';

const name =
  (rule: Rule): Problems =>
  (text) =>
    nameProblems(text, rule);

const prefix =
  (rule: Rule): Problems =>
  (text) =>
    namePrefixProblems(text, rule);

const formats: ReadonlyMap<string, Problems> = new Map<string, Problems>([
  ['dns1123Label', name('dns1123label')],
  ['dns1123Subdomain', name('dns1123subdomain')],
  ['dns1035Label', name('dns1035label')],
  ['qualifiedName', qualifiedNameProblems],
  ['dns1123LabelPrefix', prefix('dns1123label')],
  ['dns1123SubdomainPrefix', prefix('dns1123subdomain')],
  ['dns1035LabelPrefix', prefix('dns1035label')],
  ['labelValue', labelValueProblems],
  ['uri', uriProblems],
  ['uuid', schemaFormat('uuid', 'does not match the UUID format')],
  ['byte', schemaFormat('byte', 'invalid base64')],
  ['date', schemaFormat('date', 'invalid date')],
  ['datetime', schemaFormat('date-time', 'invalid datetime')],
]);

function uriProblems(text: string): readonly string[] {
  const parsed = parseUrl(text);
  return typeof parsed === 'string' ? [`parse ${JSON.stringify(text)}: ${parsed}`] : [];
}

const values: ReadonlyMap<string, NamedFormat> = new Map(
  [...formats].map(([title, problems]) => [title, new NamedFormat(title, problems)]),
);

/** `format.dns1123Label().validate(text)`: optional.none() if the text has the format, what is wrong with it otherwise. */
export const namedFormatFunctions: readonly Overload[] = [
  global('format.named', 'format-named', 'string -> optional(format)', (title: string) => {
    const found = values.get(title);
    return found ? new Optional(found) : optionalNone;
  }),
  ...[...values].map(([title, value]) => global(`format.${title}`, `format.${title}`, ' -> format', (): Value => value)),
  member('validate', 'format-validate', 'format, string -> optional(list(string))', ({ problems }: NamedFormat, text: string) => {
    const found = problems(text);
    return found.length === 0 ? optionalNone : new Optional(new ValueList([...found]));
  }),
];
