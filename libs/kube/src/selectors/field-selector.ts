import type { KubeObject } from '../kube-object.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';

export type FieldTerm = {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
  /** Reads what is compared, where the field is no path. */
  readonly read?: (object: KubeObject) => string;
};

export type ParsedFieldSelector =
  | { readonly type: 'parsed'; readonly terms: readonly FieldTerm[] }
  /** `message` is upstream's, complete. */
  | { readonly type: 'malformed'; readonly message: string };

/** What a term is compared with. `object` is read only where a field outside the name is asked for. */
export type FieldSubject = { readonly namespace: string; readonly name: string; readonly object: KubeObject };

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ for one kind in one version. */
export function parseFieldSelector(text: string, kind: ServedKind, version: ServedVersion): ParsedFieldSelector {
  const terms: FieldTerm[] = [];
  for (const part of splitUnescaped(text)) {
    if (part === '') continue;
    const term = parseTerm(part);
    if (term === undefined) return malformed(`invalid selector: '${text}'; can't understand '${part}'`);
    if (typeof term === 'string') return malformed(term);
    if (!isSupported(term.field, kind, version)) return malformed(unsupported(term.field, kind, version));
    const read = version.selectedBy?.[term.field];
    terms.push(read ? { ...term, read } : term);
  }
  return { type: 'parsed', terms };
}

/** Whether all terms hold; without any, everything matches. */
export function fieldsMatch(terms: readonly FieldTerm[], subject: FieldSubject): boolean {
  for (const { field, equal, value, read } of terms)
    if (((read ? read(subject.object) : fieldText(field, subject)) === value) !== equal) return false;
  return true;
}

/** The one name that a selector leaves, as authorization wants it: `metadata.name=x`. */
export function selectedName(text: string): string | undefined {
  if (!text.includes('metadata.name')) return undefined;
  for (const part of splitUnescaped(text)) {
    const term = parseTerm(part);
    if (typeof term === 'object' && term.field === 'metadata.name' && term.equal) return term.value;
  }
  return undefined;
}

const malformed = (message: string): ParsedFieldSelector => ({ type: 'malformed', message });

function splitUnescaped(text: string): readonly string[] {
  return text.match(/(?:[^\\,]|\\.|\\$)+/gs) ?? [];
}

/** A term, the fault of its value, or undefined where no operator stands. */
function parseTerm(part: string): FieldTerm | string | undefined {
  const operator = /!=|==|=/.exec(part);
  if (operator === null) return undefined;
  const value = unescapeValue(part.slice(operator.index + operator[0].length));
  return value.type === 'fault' ? value.message : { field: part.slice(0, operator.index), equal: operator[0] !== '!=', value: value.text };
}

function unescapeValue(raw: string): { type: 'text'; text: string } | { type: 'fault'; message: string } {
  if (!/[\\,=]/.test(raw)) return { type: 'text', text: raw };
  const stray = /\\(?![\\,=])[^]?/.exec(raw);
  if (stray !== null) return { type: 'fault', message: `invalid field selector: invalid escape sequence: ${stray[0]}` };
  const bare = /[,=]/.exec(raw.replace(/\\[^]/g, ''));
  if (bare !== null) return { type: 'fault', message: `invalid field selector: unescaped character in value: ${bare[0]}` };
  return { type: 'text', text: raw.replace(/\\([^])/g, '$1') };
}

function isSupported(field: string, kind: ServedKind, version: ServedVersion): boolean {
  if (field === 'metadata.name' || field === 'metadata.namespace' || version.selectableFields.includes(field)) return true;
  return field === 'status.phase' && kind.group === '' && kind.resource === 'namespaces';
}

/** Kinds that clients have compiled in and that say nothing of fields are refused by upstream's general rule. */
function unsupported(field: string, kind: ServedKind, { selectableFields, selectedBy }: ServedVersion): string {
  const isGeneral = kind.compiledIn === true && selectableFields.length === 0 && selectedBy === undefined && kind.resource !== 'namespaces';
  if (!isGeneral) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function fieldText(field: string, { namespace, name, object }: FieldSubject): string {
  if (field === 'metadata.name') return name;
  if (field === 'metadata.namespace') return namespace;
  let value: unknown = object;
  for (const segment of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return '';
    value = (value as Record<string, unknown>)[segment];
  }
  return value === undefined || typeof value === 'object' ? '' : String(value as string | number | bigint | boolean);
}
