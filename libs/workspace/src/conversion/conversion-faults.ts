import { validateObjectMetaUpdate, type KubeObject, type ObjectMeta } from '#kube';

// The words are upstream's. Source: apiextensions-apiserver pkg/apiserver/conversion/webhook_converter.go.

type Response = {
  readonly uid?: unknown;
  readonly result?: { readonly status?: unknown; readonly message?: unknown };
  readonly convertedObjects?: unknown;
};

/** Why an answer is no success. Of v1beta1 neither the kind nor the uid is looked at. */
export function reviewFault(answer: unknown, asked: { readonly apiVersion: string; readonly uid: string }): string | undefined {
  const isStrict = asked.apiVersion.endsWith('/v1');
  const { apiVersion, kind } = fieldsOf(answer);
  if (isStrict && (apiVersion !== asked.apiVersion || kind !== 'ConversionReview'))
    return `expected webhook response of ${asked.apiVersion}, Kind=ConversionReview, got ${textOf(apiVersion) || '/'}, Kind=${textOf(kind)}`;
  const response = responseIn(answer);
  if (response === undefined) return 'no response provided';
  const { uid, result } = response;
  if (isStrict && uid !== asked.uid) return `expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(textOf(uid))}`;
  if (result?.status === 'Success') return undefined;
  return textOf(result?.message) || `response.result.status was '${textOf(result?.status)}', not 'Success'`;
}

export function convertedIn(answer: unknown): readonly unknown[] {
  const objects = responseIn(answer)?.convertedObjects;
  return Array.isArray(objects) ? objects : [];
}

/** What is wrong with a converted object; `index` is where it stands among several. */
export function objectFault(
  converted: unknown,
  object: KubeObject,
  { apiVersion, index }: { readonly apiVersion: string; readonly index?: number },
): string | undefined {
  const { apiVersion: got, kind, metadata } = fieldsOf(converted);
  const what = index === undefined ? 'invalid object' : 'invalid converted object';
  const at = ` at index ${index ?? 0}`;
  const atIfSeveral = index === undefined ? '' : at;
  if (got !== apiVersion) return `${what}${at}: invalid groupVersion (expected ${apiVersion}, received ${textOf(got)})`;
  if (kind !== object.kind) return `${what}${at}: invalid kind (expected ${object.kind}, received ${textOf(kind)})`;
  for (const [word, field] of identity) {
    const [was, is] = [object.metadata[field] ?? '', textOf(fieldsOf(metadata)[field])];
    if (was !== is) return `${what}${atIfSeveral}: must have the same ${word}: ${was} != ${is}`;
  }
  const wrong = metadataFault(fieldsOf(metadata), object.metadata);
  return wrong === undefined ? undefined : `invalid metadata${index === undefined ? '' : ` in object${at}`}: ${wrong}`;
}

const identity = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['UID', 'uid'],
] as const;

/** Labels and annotations are all that a webhook may change: they are judged where it has. */
function metadataFault(changed: Fields, original: ObjectMeta): string | undefined {
  for (const name of ['labels', 'annotations'] as const) {
    const given = changed[name] ?? undefined;
    if (given === undefined) continue;
    if (typeof given !== 'object' || Array.isArray(given)) return `invalid metadata.${name} of type ${goType(given)} in converted object`;
    for (const [key, value] of Object.entries(given))
      if (typeof value !== 'string') return `metadata.${name}[${key}] must be a string, but is ${goType(value)} in converted object`;
    const texts = given as Readonly<Record<string, string>>;
    if (isSame(texts, original[name] ?? {})) continue;
    const causes = validateObjectMetaUpdate({ [name]: texts }, {}).map(({ field, message }) => `${field}: ${message}`);
    if (causes.length > 0) return causes.length === 1 ? causes[0] : `[${causes.join(', ')}]`;
  }
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function responseIn(answer: unknown): Response | undefined {
  const { response } = fieldsOf(answer);
  return typeof response === 'object' && response !== null ? response : undefined;
}

function isSame(some: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(some);
  return keys.length === Object.keys(others).length && keys.every((key) => some[key] === others[key]);
}

function goType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : 'int64';
}
