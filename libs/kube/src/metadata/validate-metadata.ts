import type { Json, JsonObject } from '../json.ts';
import type { ObjectMeta, OwnerReference } from '../kube-object.ts';
import { forbidden, invalidStrings, invalidValue, requiredValue, tooLong } from '../schema/field-error.ts';
import { goQuote, goStrings } from '../schema/go-text.ts';
import type { NameRule } from '../served-kind.ts';
import type { StatusCause } from '../status-failure.ts';
import { labelProblems, labelValueProblems, namePrefixProblems, nameProblems, qualifiedNameProblems } from './names.ts';

export type MetadataRule = { readonly namespaced: boolean; readonly nameRule: NameRule };

const annotationBytesMax = 256 * 1024;
const managerBytesMax = 128;
const subresourceBytesMax = 256;

/**
 * What is wrong with the metadata of an object to be created; its name has been generated before. `at` is where the
 * metadata stands: `metadata`, or deeper for embedded resources. Source: apimachinery pkg/api/validation/objectmeta.go.
 */
export function validateObjectMeta(meta: ObjectMeta, rule: MetadataRule, at = 'metadata'): readonly StatusCause[] {
  const generation =
    (meta.generation ?? 0) < 0 ? [invalidValue(`${at}.generation`, meta.generation, 'must be greater than or equal to 0')] : none;
  return joined(
    generateNameCauses(meta, rule, at),
    nameCauses(meta, rule, at),
    namespaceCauses(meta, rule, at),
    generation,
    labelCauses(meta, at),
    annotationCauses(meta, at),
    ownerCauses(meta, at),
    finalizerCauses(meta, at),
    managedFieldsCauses(meta, at),
  );
}

const none: readonly StatusCause[] = [];

/** Nearly always there is nothing to join. */
function joined(...lists: readonly (readonly StatusCause[])[]): readonly StatusCause[] {
  return lists.every((list) => list.length === 0) ? none : lists.flat();
}

/**
 * What is wrong with changing metadata from `old` to `next`. What clients may leave out or cannot change
 * (creationTimestamp, generation) has been carried over before; resourceVersion is the verb's business.
 */
export function validateObjectMetaUpdate(next: ObjectMeta, old: ObjectMeta): readonly StatusCause[] {
  const at = 'metadata';
  return [
    ...newFinalizerCauses(next, old, at),
    ...immutableCauses(next, old, at),
    ...labelCauses(next, at),
    ...annotationCauses(next, at),
    ...ownerCauses(next, at),
    ...managedFieldsCauses(next, at),
  ];
}

function generateNameCauses({ generateName }: ObjectMeta, { nameRule }: MetadataRule, at: string): readonly StatusCause[] {
  if (!generateName) return [];
  return namePrefixProblems(generateName, nameRule).map((problem) => invalidValue(`${at}.generateName`, generateName, problem));
}

function nameCauses({ name }: ObjectMeta, { nameRule }: MetadataRule, at: string): readonly StatusCause[] {
  if (!name) return [requiredValue(`${at}.name`, 'name or generateName is required')];
  return nameProblems(name, nameRule).map((problem) => invalidValue(`${at}.name`, name, problem));
}

function namespaceCauses({ namespace }: ObjectMeta, { namespaced }: MetadataRule, at: string): readonly StatusCause[] {
  const field = `${at}.namespace`;
  if (!namespaced) return namespace ? [forbidden(field, 'not allowed on this type')] : [];
  if (!namespace) return [requiredValue(field)];
  return labelProblems(namespace).map((problem) => invalidValue(field, namespace, problem));
}

function labelCauses({ labels }: ObjectMeta, at: string): readonly StatusCause[] {
  if (!labels) return none;
  const causes: StatusCause[] = [];
  for (const key of Object.keys(labels)) {
    const value = labels[key] ?? '';
    for (const problem of qualifiedNameProblems(key)) causes.push(invalidValue(`${at}.labels`, key, problem));
    for (const problem of labelValueProblems(value)) causes.push(invalidValue(`${at}.labels`, value, problem));
  }
  return causes;
}

function annotationCauses({ annotations }: ObjectMeta, at: string): readonly StatusCause[] {
  if (!annotations) return none;
  const field = `${at}.annotations`;
  const causes: StatusCause[] = [];
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
    // Annotation keys are not case-sensitive in their prefix.
    for (const problem of qualifiedNameProblems(key.toLowerCase())) causes.push(invalidValue(field, key, problem));
  }
  if (bytes > annotationBytesMax) causes.push(tooLong(field, annotationBytesMax));
  return causes;
}

function ownerCauses({ ownerReferences = [] }: ObjectMeta, at: string): readonly StatusCause[] {
  if (ownerReferences.length === 0) return none;
  const field = `${at}.ownerReferences`;
  const controllers = ownerReferences.filter(({ controller }) => controller === true).map(({ kind, name }) => `${kind}/${name}`);
  const second = controllers
    .slice(1)
    .map((name) =>
      invalidValue(
        field,
        ownerReferences.map(asJson),
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${name}`,
      ),
    );
  return [...ownerReferences.flatMap((reference) => ownerReferenceCauses(reference, field)), ...second];
}

function asJson(reference: OwnerReference): JsonObject {
  return { ...reference };
}

function ownerReferenceCauses(reference: OwnerReference, field: string): readonly StatusCause[] {
  const parts = (reference.apiVersion ?? '').split('/');
  const version = parts.length > 2 ? '' : (parts.at(-1) ?? '');
  const empty = (['kind', 'name', 'uid'] as const).filter((name) => !reference[name]);
  return [
    ...(version === '' ? [invalidValue(`${field}.apiVersion`, reference.apiVersion ?? '', 'version must not be empty')] : []),
    ...empty.map((name) => invalidValue(`${field}.${name}`, reference[name] ?? '', `${name} must not be empty`)),
    ...(reference.apiVersion === 'v1' && reference.kind === 'Event'
      ? [invalidValue(field, asJson(reference), '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ];
}

function finalizerCauses({ finalizers = [] }: ObjectMeta, at: string): readonly StatusCause[] {
  if (finalizers.length === 0) return none;
  const field = `${at}.finalizers`;
  const contradictory = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion');
  return [
    ...finalizers.flatMap((finalizer) => qualifiedNameProblems(finalizer).map((problem) => invalidValue(field, finalizer, problem))),
    ...(contradictory ? [invalidStrings(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')] : []),
  ];
}

function newFinalizerCauses(next: ObjectMeta, old: ObjectMeta, at: string): readonly StatusCause[] {
  if (!old.deletionTimestamp) return [];
  const added = [...new Set(next.finalizers)].filter((finalizer) => !old.finalizers?.includes(finalizer)).sort();
  if (added.length === 0) return [];
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`;
  return [forbidden(`${at}.finalizers`, detail)];
}

function immutableCauses(next: ObjectMeta, old: ObjectMeta, at: string): readonly StatusCause[] {
  const changed = <Field extends keyof ObjectMeta>(field: Field): boolean => (next[field] ?? '') !== (old[field] ?? '');
  const immutable = (field: 'name' | 'namespace' | 'uid'): readonly StatusCause[] =>
    changed(field) ? [invalidValue(`${at}.${field}`, next[field] ?? '', 'field is immutable')] : [];
  return [
    ...immutable('name'),
    ...immutable('namespace'),
    ...immutable('uid'),
    ...(changed('deletionTimestamp') ? [immutableTime(`${at}.deletionTimestamp`, next.deletionTimestamp)] : []),
    ...(changed('deletionGracePeriodSeconds')
      ? [invalidValue(`${at}.deletionGracePeriodSeconds`, next.deletionGracePeriodSeconds, 'field is immutable')]
      : []),
  ];
}

/** Times print in Go's own form: `2001-01-01 00:00:00 +0000 UTC`. */
function immutableTime(field: string, time: string | undefined): StatusCause {
  if (time === undefined) return invalidValue(field, null, 'field is immutable');
  const moment = new Date(time);
  const text = Number.isNaN(moment.getTime()) ? time : `${moment.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${text}: field is immutable`, field };
}

function managedFieldsCauses({ managedFields = [] }: ObjectMeta, at: string): readonly StatusCause[] {
  return managedFields.flatMap((entry, index) => managedFieldsEntryCauses(entry, `${at}.managedFields[${index}]`));
}

function managedFieldsEntryCauses(entry: JsonObject, at: string): readonly StatusCause[] {
  const { operation = '', fieldsType = '', manager, subresource } = entry;
  return [
    ...(operation === 'Apply' || operation === 'Update' ? [] : [invalidValue(`${at}.operation`, operation, 'must be `Apply` or `Update`')]),
    ...(fieldsType === '' || fieldsType === 'FieldsV1' ? [] : [invalidValue(`${at}.fieldsType`, fieldsType, 'must be `FieldsV1`')]),
    ...(bytesOf(manager) > managerBytesMax ? [tooLong(`${at}.manager`, managerBytesMax)] : []),
    ...(bytesOf(subresource) > subresourceBytesMax ? [tooLong(`${at}.subresource`, subresourceBytesMax)] : []),
  ];
}

function bytesOf(text: Json | undefined): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}

/** Finalizers that carry no domain are accepted, but clients are warned. Only those new since `old` count. */
export function finalizerWarnings(next: ObjectMeta, old?: ObjectMeta): readonly string[] {
  if (!next.finalizers) return [];
  const standard = ['orphan', 'foregroundDeletion', 'kubernetes'];
  const added = [...new Set(next.finalizers)].filter((finalizer) => !old?.finalizers?.includes(finalizer)).sort();
  return added
    .filter((finalizer) => !finalizer.includes('/') && !standard.includes(finalizer))
    .map((finalizer) => `metadata.finalizers: ${goQuote(finalizer)}: ${domainAdvice(finalizer)}`);
}

function domainAdvice(finalizer: string): string {
  const path = finalizer.includes('.') ? ' including a path (/)' : '';
  return `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
}
