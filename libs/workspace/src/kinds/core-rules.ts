import { statusOf, type KindRules } from '#account';
import { base64Fault, equalJson, type Json, type JsonObject, type KubeObject, type StatusCause } from '#kube';

export const namespaceFinalizer = 'kubernetes';
const nameLabel = 'kubernetes.io/metadata.name';
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
export const namespaceRules: KindRules = {
  prepare: (object) => labelled({ ...object, spec: { ...(object.spec as JsonObject | undefined), finalizers: [namespaceFinalizer] } }),
  // Who holds a namespace says so by /finalize; its name stands in a label whatever a client makes of its labels.
  keep: (next, present) => labelled({ ...next, spec: present.spec ?? {} }),
  firstStatus: () => ({ phase: 'Active' }),
  deletingStatus: (object) => ({ ...statusOf(object), phase: 'Terminating' }),
  undeletable: ({ metadata }) => (immortal.has(metadata.name ?? '') ? 'this namespace may not be deleted' : undefined),
};

function labelled(object: KubeObject): KubeObject {
  const { name = '', labels } = object.metadata;
  return labels?.[nameLabel] === name ? object : { ...object, metadata: { ...object.metadata, labels: { ...labels, [nameLabel]: name } } };
}

/** Source: upstream pkg/apis/core/validation, ValidateConfigMap and ValidateConfigMapUpdate. */
export const configMapRules: KindRules = {
  read(sent) {
    const binaryData = readBytes(sent['binaryData']);
    return typeof binaryData === 'string' || binaryData === undefined ? (binaryData ?? sent) : { ...sent, binaryData };
  },
  check: (object, old) => [...(old ? frozenFields(object, old, ['data', 'binaryData']) : []), ...contents(object)],
};

/** A map of bytes in base64, written as everybody writes it; or what Go says of it. What is no map of texts is the schema's business. */
export function readBytes(map: unknown): JsonObject | string | undefined {
  if (typeof map !== 'object' || map === null) return undefined;
  const read: [string, Json][] = [];
  for (const [key, value] of Object.entries(map as Record<string, Json>)) {
    const fault = typeof value === 'string' ? base64Fault(value) : undefined;
    if (fault !== undefined) return `illegal base64 data at input byte ${fault}`;
    read.push([key, typeof value === 'string' ? Buffer.from(value, 'base64').toString('base64') : value]);
  }
  return Object.fromEntries(read);
}

/** What may not change in an object that says so of itself. */
export function frozenFields(object: KubeObject, old: KubeObject, fields: readonly string[]): readonly StatusCause[] {
  if (old['immutable'] !== true) return [];
  const changed = fields.filter((field) => !equalJson(object[field] ?? {}, old[field] ?? {}));
  return [...(object['immutable'] === true ? [] : ['immutable']), ...changed].map((field) => ({
    reason: 'FieldValueForbidden',
    field,
    message: 'Forbidden: field is immutable when `immutable` is set',
  }));
}

/** Of a ConfigMap's or a Secret's contents. */
export const contentBytesMax = 1_048_576;

function contents(object: KubeObject): readonly StatusCause[] {
  const data = (object['data'] ?? {}) as JsonObject;
  const binaryData = (object['binaryData'] ?? {}) as JsonObject;
  const causes: StatusCause[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    causes.push(...keyCauses('data', key));
    if (Object.hasOwn(binaryData, key)) causes.push(invalidKey('data', key, 'duplicate of key present in binaryData'));
    bytes += typeof value === 'string' ? Buffer.byteLength(value) : 0;
  }
  for (const [key, value] of Object.entries(binaryData)) {
    causes.push(...keyCauses('binaryData', key));
    bytes += decodedBytes(value);
  }
  if (bytes > contentBytesMax)
    causes.push({ reason: 'FieldValueTooLong', field: '', message: `Too long: may not be more than ${contentBytesMax} bytes` });
  return causes;
}

export const decodedBytes = (value: Json | undefined): number => (typeof value === 'string' ? Buffer.byteLength(value, 'base64') : 0);

const keyText = /^[-._a-zA-Z0-9]+$/;
const keyCharactersMax = 253;

export function keyCauses(field: string, key: string): readonly StatusCause[] {
  const faults = [
    ...(key.length > keyCharactersMax ? [`must be no more than ${keyCharactersMax} characters`] : []),
    ...(keyText.test(key) ? [] : [invalidKeyText]),
    ...(key === '.' ? ["must not be '.'"] : key === '..' ? ["must not be '..'"] : key.startsWith('..') ? ["must not start with '..'"] : []),
  ];
  return faults.map((fault) => invalidKey(field, key, fault));
}

const invalidKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const invalidKey = (field: string, key: string, fault: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field: `${field}[${key}]`,
  message: `Invalid value: ${JSON.stringify(key)}: ${fault}`,
});

/** Source: upstream pkg/apis/core/validation/events.go. Repetitions are not looked at again. */
export const eventRules: KindRules = { check: (event, old) => (old ? [] : eventCauses(event)), withoutDependents: true };

function eventCauses(event: KubeObject): readonly StatusCause[] {
  const { namespace = '' } = (event['involvedObject'] ?? {}) as { readonly namespace?: string };
  const causes: StatusCause[] = [];
  // What belongs to no namespace is reported in the namespace that is always there.
  if (namespace === '' ? event.metadata.namespace !== 'default' : namespace !== event.metadata.namespace)
    causes.push(invalidText('involvedObject.namespace', namespace, 'does not match event.namespace'));
  if (event['eventTime'] === undefined) return causes;
  for (const field of ['reportingComponent', 'reportingInstance', 'action', 'reason'])
    if (!event[field]) causes.push({ reason: 'FieldValueRequired', field: publicName(field), message: 'Required value' });
  if (event['type'] !== 'Normal' && event['type'] !== 'Warning')
    causes.push(invalidText('type', String(event['type'] ?? ''), `has invalid value: ${String(event['type'] ?? '')}`));
  return causes;
}

const publicName = (field: string): string => (field === 'reportingComponent' ? 'reportingController' : field);

const invalidText = (field: string, value: string, fault: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${fault}`,
});
