import type { KindRules } from '#account';
import { equalJson, type JsonObject, type KubeObject, type StatusCause } from '#kube';
import { contentBytesMax, decodedBytes, frozenFields, keyCauses, readBytes } from './core-rules.ts';

export const serviceAccountTokenType = 'kubernetes.io/service-account-token';
export const serviceAccountNameAnnotation = 'kubernetes.io/service-account.name';
export const serviceAccountUidAnnotation = 'kubernetes.io/service-account.uid';
const untyped = 'Opaque';

/** Source: upstream pkg/apis/core/v1 (conversion and defaults) and pkg/apis/core/validation, ValidateSecret. No text says anything of a value. */
export const secretRules: KindRules = {
  read: readSecret,
  check: (object, old) => [
    ...(old ? [...typeChange(object, old), ...frozenFields(object, old, ['data'])] : []),
    ...contents(object),
    ...shapeOf(object),
  ],
};

/** What stands in stringData goes into data. */
function readSecret({ stringData, ...secret }: KubeObject): KubeObject | string {
  const bytes = readBytes(secret['data']);
  if (typeof bytes === 'string') return bytes;
  const texts = Object.entries((stringData ?? {}) as JsonObject).map(([key, value]) => [
    key,
    typeof value === 'string' ? Buffer.from(value).toString('base64') : value,
  ]);
  const data = { ...bytes, ...Object.fromEntries(texts) } as JsonObject;
  return { ...secret, ...(Object.keys(data).length > 0 ? { data } : {}), type: secret['type'] || untyped } as KubeObject;
}

function typeChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  if (equalJson(object['type'], old['type'])) return [];
  const message = `Invalid value: ${JSON.stringify(object['type'])}: field is immutable`;
  return [{ reason: 'FieldValueInvalid', field: 'type', message }];
}

function contents(object: KubeObject): readonly StatusCause[] {
  const data = Object.entries(dataOf(object));
  const causes = data.flatMap(([key]) => keyCauses('data', key));
  const bytes = data.reduce((total, [, value]) => total + decodedBytes(value), 0);
  if (bytes <= contentBytesMax) return causes;
  return [...causes, { reason: 'FieldValueTooLong', field: 'data', message: `Too long: may not be more than ${contentBytesMax} bytes` }];
}

/** What a secret of its type must hold. */
function shapeOf(object: KubeObject): readonly StatusCause[] {
  const data = dataOf(object);
  const missing = (...keys: readonly string[]): readonly StatusCause[] =>
    keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`));
  switch (object['type']) {
    case serviceAccountTokenType:
      return object.metadata.annotations?.[serviceAccountNameAnnotation]
        ? []
        : [required(`metadata.annotations[${serviceAccountNameAnnotation}]`)];
    case 'kubernetes.io/dockercfg':
      return [...missing('.dockercfg'), ...notJson(data, '.dockercfg')];
    case 'kubernetes.io/dockerconfigjson':
      return [...missing('.dockerconfigjson'), ...notJson(data, '.dockerconfigjson')];
    case 'kubernetes.io/basic-auth':
      return Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password') ? [] : missing('username', 'password');
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key');
    default:
      return [];
  }
}

const required = (field: string): StatusCause => ({ reason: 'FieldValueRequired', field, message: 'Required value' });

/** Upstream repeats what its parser says, and thereby a character of the secret. */
function notJson(data: JsonObject, key: string): readonly StatusCause[] {
  const value = data[key];
  if (typeof value !== 'string' || isJsonObject(Buffer.from(value, 'base64').toString())) return [];
  const message = 'Invalid value: "<secret contents redacted>": must be a JSON object';
  return [{ reason: 'FieldValueInvalid', field: `data[${key}]`, message }];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

const dataOf = (object: KubeObject): JsonObject => (object['data'] ?? {}) as JsonObject;
