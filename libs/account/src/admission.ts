import {
  dedupeOwnerReferences,
  objectMetaTypeCauses,
  secretFieldsOf,
  type Json,
  type JsonObject,
  type KubeObject,
  type ServedKind,
  type ServedVersion,
  type StatusCause,
} from '#kube';
import type { KindRules } from './kind-rules.ts';
import type { Refusal } from './refusal.ts';
import { isSealed } from './sealing.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** A request body and what the URL says about it. */
export type Submission = {
  readonly kind: ServedKind;
  readonly version: ServedVersion;
  readonly namespace: string;
  /** Absent for a create. */
  readonly name?: string;
  readonly body: KubeObject;
  readonly duplicateFields: readonly string[];
  readonly fieldValidation: FieldValidation;
  /** Whether the body is what a patch has made of the present object: then a complaint about unknown fields quotes it. */
  readonly isPatched?: boolean;
};

export type Admitted =
  /** `object` is pruned, defaulted and in its `writtenVersion`; `causes` are what is wrong with its envelope. */
  | {
      readonly type: 'admitted';
      readonly object: KubeObject;
      readonly causes: readonly StatusCause[];
      readonly warnings: readonly string[];
    }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** Makes an untrusted body into an object of its kind: same version, names and namespace as the URL, nothing unknown, defaults filled in. */
export function admit(submission: Submission & { readonly rules?: KindRules | undefined }): Admitted {
  const { kind, version, body, rules } = submission;
  const mistyped = objectMetaTypeCauses(body.metadata as unknown as Json);
  if (mistyped.length > 0) {
    const text = mistyped.map(({ field, message }) => `${field}: ${message}`).join(', ');
    return malformed(unreadable(kind, version, text));
  }
  const contradiction = contradictionOf(submission);
  if (contradiction) return malformed(contradiction);
  const { references, duplicateUids } = dedupeOwnerReferences(body.metadata.ownerReferences ?? []);
  const pruned = version.schema.prune(body as unknown as JsonObject);
  const complaints = [
    ...submission.duplicateFields.map((path) => `duplicate field "${path}"`),
    ...pruned.unknown.map((path) => `unknown field "${path}"`),
  ];
  if (submission.fieldValidation === 'Strict' && complaints.length > 0)
    return { type: 'refused', refusal: strictRefusal(submission, `strict decoding error: ${complaints.join(', ')}`) };
  // What says that it is of another kind is refused; upstream judges it as it came.
  const isOfKind = body.kind === kind.kind;
  const filled = (isOfKind ? version.schema.default(pruned.object) : pruned.object) as unknown as KubeObject;
  const defaulted = (isOfKind ? rules?.read?.(filled) : undefined) ?? filled;
  if (typeof defaulted === 'string') return malformed(unreadable(kind, version, defaulted));
  const metadata = { ...defaulted.metadata, ...(duplicateUids.length > 0 ? { ownerReferences: references } : {}) };
  if (kind.namespaced) Object.assign(metadata, { namespace: submission.namespace });
  else delete (metadata as { namespace?: string }).namespace;
  return {
    type: 'admitted',
    object: inVersion(kind, { ...defaulted, metadata }, writtenVersion(submission)),
    causes: isOfKind ? [] : [wrongKind(body.kind, kind.kind)],
    warnings: [
      ...(submission.fieldValidation === 'Warn' ? complaints : []),
      ...duplicateUids.map((uid) => `.metadata.ownerReferences contains duplicate entries with UID ${uid}; the server has removed them`),
    ],
  };
}

/** What upstream says where a body is not what its kind's type can hold. */
export function unreadable(kind: ServedKind, version: ServedVersion, fault: string): string {
  return `${kind.kind} in version "${version.name}" cannot be handled as a ${kind.kind}: ${fault}`;
}

function strictRefusal({ kind, version, body, isPatched }: Submission, fault: string): Refusal {
  if (isPatched !== true) return { type: 'RequestMalformed', message: unreadable(kind, version, fault) };
  const shown = isSealed(kind) || secretFieldsOf(kind).length > 0 ? '<secret contents redacted>' : JSON.stringify(body);
  const message = `Invalid value: ${JSON.stringify(shown)}: ${fault}`;
  return { type: 'ObjectInvalid', group: '', kind: '', name: '', causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] };
}

/**
 * The version in which a write is decided: the one that was sent, by whose schema it is judged. The mesh's own kinds have
 * rules, which know one form only.
 */
export function writtenVersion({ kind, version }: Pick<Submission, 'kind' | 'version'>): string {
  return kind.source.type === 'builtin' ? kind.storageVersion : version.name;
}

/** The object as another version of its kind shows it. */
export function inVersion(kind: ServedKind, object: KubeObject, version: string): KubeObject {
  const apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
  if (object.apiVersion === apiVersion) return object;
  return kind.convert ? kind.convert(object, version) : { ...object, apiVersion };
}

/** Where a body says something else than the URL that it was sent to. */
export function contradictionOf({
  kind,
  version,
  namespace,
  name,
  body,
}: Omit<Submission, 'duplicateFields' | 'fieldValidation'>): string | undefined {
  const expected = kind.group === '' ? version.name : `${kind.group}/${version.name}`;
  if (body.apiVersion !== expected) {
    return `the API version in the data (${body.apiVersion}) does not match the expected API version (${expected})`;
  }
  const { metadata } = body;
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace) {
    return 'the namespace of the provided object does not match the namespace sent on the request';
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
    return `the name of the object (${metadata.name}) does not match the name on the URL (${name})`;
  }
  return undefined;
}

const malformed = (message: string): Admitted => ({ type: 'refused', refusal: { type: 'RequestMalformed', message } });

const wrongKind = (sent: string, expected: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(sent)}: must be ${expected}`,
  field: 'kind',
});
