import {
  equalJson,
  finalizerWarnings,
  refreshed,
  sameOwnership,
  validateObjectMeta,
  validateObjectMetaUpdate,
  type JsonObject,
  type KubeObject,
  type ManagedFields,
  type ObjectMeta,
  type ResourceKey,
  type StatusCause,
} from '#kube';
import { accept, refuse, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import { admit, contradictionOf, inVersion, writtenVersion, type Submission } from '../admission.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { revisedStatus } from '../health.ts';
import { ruleViolations, type KindRules } from '../kind-rules.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { Refusal } from '../refusal.ts';
import type { Screen } from '../screen.ts';
import { bytesOf, changed, fitting } from './object-event.ts';
import { bytesMax, invalid, mistyped, typeFaults } from './refusals.ts';
import { withManagedFields, withMeshStatus, withOwners } from './track-fields.ts';

/** The consumer (or a controller of theirs) changes an object: what PUT and PATCH mean, on the object or its /status. */
export type ReviseResource = Omit<Submission, 'body' | 'name'> & {
  readonly name: string;
  readonly rules?: KindRules | undefined;
  /** Absent for what the mesh itself changes. */
  readonly screen?: Screen | undefined;
  readonly by: EventAuthor;
  readonly subresource?: 'status' | 'finalize' | undefined;
  /** Makes the wanted object from the present one, which is given in the version of the request. */
  readonly change: Change;
};

export type Change =
  { readonly type: 'replace'; readonly body: KubeObject } | { readonly type: 'patch'; readonly apply: (present: KubeObject) => Patched };

export type Patched =
  /** `owners`, where the patch itself says who owns which fields afterwards. */
  | { readonly type: 'patched'; readonly object: KubeObject; readonly owners?: { readonly managedFields: ManagedFields } }
  | { readonly type: 'unfitting' | 'malformed'; readonly message: string }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export type Revised = {
  readonly decision: Decision<AccountEvent, Refusal>;
  readonly warnings: readonly string[];
  /** The object after the change, also where nothing changed or the change removed it. Absent when refused. */
  readonly object?: KubeObject;
};

/**
 * Accepts nothing where the change changes nothing; the object is answered all the same. Where it takes the last finalizer from an object that is
 * being deleted, the object is removed. Refused as a declaration is, and where the object has moved (`resourceVersion`) or is another one (`uid`).
 */
export function reviseResource(intent: ReviseResource, account: AccountState): Revised {
  const { kind, namespace, name } = intent;
  const key: ResourceKey = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name };
  const { change } = intent;
  const contradiction = change.type === 'replace' ? contradictionOf({ ...intent, body: change.body }) : undefined;
  if (contradiction !== undefined) return { decision: refuse({ type: 'RequestMalformed', message: contradiction }), warnings: [] };
  const record = account.find(key);
  if (!record) return { decision: refuse({ type: 'ResourceUnknown', key }), warnings: [] };
  const stored = refreshed(kind, record.object);
  const present = inVersion(kind, stored, writtenVersion(intent));
  const wanted = wantedBody(intent, inVersion(kind, stored, intent.version.name));
  if ('type' in wanted) return { decision: refuse(wanted), warnings: [] };
  const admitted = admit({ ...intent, body: wanted.body, isPatched: intent.change.type === 'patch' });
  if (admitted.type === 'refused') return { decision: refuse(admitted.refusal), warnings: [] };
  const warnings = [...admitted.warnings, ...finalizerWarnings(admitted.object.metadata, present.metadata)];
  const refused = (refusal: Refusal): Revised => ({ decision: refuse(refusal), warnings });

  const stale = staleness(intent, key, wanted.body.metadata.resourceVersion, record);
  if (stale) return refused(stale);
  // What was patched has been read; only a whole body can be unreadable.
  const unfit = (faults: readonly StatusCause[]): Revised =>
    refused((change.type === 'replace' ? mistyped(intent, faults) : undefined) ?? invalid(intent, name, faults));
  const untyped = intent.rules?.complete === undefined ? [] : typeFaults(intent, admitted.object);
  if (untyped.length > 0) return unfit(untyped);
  const complete = intent.rules?.complete?.(admitted.object) ?? admitted.object;
  const next = owned(present, merge(present, complete, intent), wanted, intent);
  const causes = [...admitted.causes, ...violations(next, present, intent, account)];
  if (causes.length > 0) return unfit(causes);
  if (intent.subresource === undefined) warnings.push(...(intent.rules?.warnings?.(next, present) ?? []));

  const unpermitted = intent.rules?.permit?.(next, present, account);
  if (unpermitted) return refused(unpermitted);
  const denied = intent.screen?.({ operation: 'UPDATE', name, object: next, old: present }, account);
  if (denied) return refused(denied);

  const news = newsOf(present, next, intent);
  // What says the same in another form than it would be kept in by now is kept anew.
  const isOutdated = inVersion(kind, stored, kind.storageVersion) !== record.object;
  if (news === 'nothing' && !isOutdated) return { decision: accept(), warnings, object: record.object };
  const eventType = news === 'nothing' ? 'MetadataRevised' : news;
  const made = inVersion(kind, born(present, next, { ...intent, eventType, account }), kind.storageVersion);
  const revised = changed(eventType, record, made, { account, by: intent.by, kind });
  const event = { ...revised, object: fitting(revised.object) };
  const bytes = bytesOf(event.object);
  if (bytes > bytesMax) return refused({ type: 'ObjectTooLarge', bytes, bytesMax });
  if (!mayGo(event.object)) return { decision: accept(event), warnings, object: event.object };
  // Upstream answers the last finalizer's removal with the object as it was, resourceVersion included.
  const last = { ...event.object, metadata: { ...event.object.metadata, resourceVersion: String(record.position) } };
  return { decision: accept({ ...event, type: 'ResourceRemoved' }), warnings, object: last };
}

type Wanted = { readonly body: KubeObject; readonly owners?: { readonly managedFields: ManagedFields } };

function wantedBody({ change }: ReviseResource, present: KubeObject): Wanted | Refusal {
  if (change.type === 'replace') return { body: change.body };
  const patched = change.apply(present);
  switch (patched.type) {
    case 'patched':
      return patched.owners ? { body: patched.object, owners: patched.owners } : { body: patched.object };
    case 'refused':
      return patched.refusal;
    case 'unfitting':
      return { type: 'PatchUnfitting', message: patched.message };
    case 'malformed':
      return { type: 'RequestMalformed', message: patched.message };
  }
}

/** The object with the owners of its fields as they are after the change. */
function owned(present: KubeObject, next: KubeObject, { body, owners }: Wanted, intent: ReviseResource): KubeObject {
  return owners ? withManagedFields(next, owners.managedFields) : withOwners(present, next, intent, body.metadata.managedFields);
}

function staleness(
  { kind, change }: ReviseResource,
  key: ResourceKey,
  sent: string | undefined,
  record: ObjectRecord,
): Refusal | undefined {
  if (!sent) {
    if (change.type === 'patch' || kind.unconditionalUpdate) return undefined;
    const cause = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0x0: must be specified for an update',
      field: 'metadata.resourceVersion',
    } as const;
    return { type: 'ObjectInvalid', group: kind.group, kind: kind.resource, name: key.name, causes: [cause] };
  }
  if (!/^\d+$/.test(sent)) return { type: 'VersionUnfit', message: `strconv.ParseUint: parsing ${JSON.stringify(sent)}: invalid syntax` };
  return sent === String(record.position) ? undefined : { type: 'ResourceMoved', key };
}

/** What may change through this endpoint, taken from the submitted object; the rest, from the present one. */
function merge(present: KubeObject, submitted: KubeObject, { version, rules, subresource }: ReviseResource): KubeObject {
  if (subresource === 'status') return withStatus(present, rules?.keepStatus?.(submitted.status, present) ?? submitted.status);
  if (subresource === 'finalize') return withSpecFinalizers(present, submitted);
  const metadata = mergeMetadata(present.metadata, submitted.metadata);
  const next = withStatus({ ...submitted, metadata }, version.statusSubresource ? present.status : submitted.status);
  return rules?.keep?.(next, present) ?? next;
}

function withSpecFinalizers(present: KubeObject, submitted: KubeObject): KubeObject {
  const { finalizers: _, ...spec } = (present.spec ?? {}) as JsonObject;
  const { finalizers = [] } = (submitted.spec ?? {}) as { readonly finalizers?: readonly string[] };
  return { ...present, spec: finalizers.length > 0 ? { ...spec, finalizers } : spec };
}

function mergeMetadata(present: ObjectMeta, submitted: ObjectMeta): ObjectMeta {
  const { uid, creationTimestamp, generation, generateName } = present;
  const { resourceVersion: _, managedFields: __, ...own } = submitted;
  // Clients leave these out; what they send otherwise is judged by the validation of updates.
  const { deletionTimestamp = present.deletionTimestamp, deletionGracePeriodSeconds = present.deletionGracePeriodSeconds } = own;
  const merged = {
    ...own,
    name: own.name ?? present.name,
    generateName,
    uid: own.uid ?? uid,
    creationTimestamp,
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    annotations: { ...own.annotations, ...serverAnnotations(present) },
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => !isEmpty(value))) as ObjectMeta;
}

/** Where an object lives is the server's to say, and a client that leaves it out does not unsay it. */
const serverAnnotations = ({ annotations = {} }: ObjectMeta): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).filter(([name]) => name === 'kcp.io/cluster' || name === 'kcp.io/path'));

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

function withStatus(object: KubeObject, status: KubeObject['status']): KubeObject {
  const { status: _, ...rest } = object;
  return status === undefined ? rest : { ...rest, status };
}

function violations(next: KubeObject, present: KubeObject, intent: ReviseResource, account: AccountState) {
  const { kind, version, rules, subresource } = intent;
  const written = writtenVersion(intent);
  const { schema } = kind.versions.find(({ name }) => name === written) ?? version;
  const bySchema = schema.validate(next as unknown as JsonObject, present as unknown as JsonObject);
  if (subresource === 'status') return bySchema;
  return [
    ...validateObjectMeta(next.metadata, kind),
    ...validateObjectMetaUpdate(next.metadata, present.metadata),
    ...bySchema,
    ...ruleViolations(rules, bySchema, next, present, account),
  ];
}

function newsOf(present: KubeObject, next: KubeObject, { subresource, version }: ReviseResource) {
  if (subresource !== 'status' && !equalJson(contentOf(present, version.statusSubresource), contentOf(next, version.statusSubresource)))
    return 'SpecRevised';
  if (!equalJson(metadataOf(present), metadataOf(next))) return 'MetadataRevised';
  if (!equalJson(present.status, next.status)) return 'StatusReported';
  return sameOwnership(present.metadata.managedFields, next.metadata.managedFields) ? 'nothing' : 'MetadataRevised';
}

function contentOf(object: KubeObject, withoutStatus: boolean): object {
  const { metadata: _, status, ...content } = object;
  return withoutStatus ? content : { ...content, status };
}

function metadataOf({ metadata }: KubeObject): object {
  const { resourceVersion: _, managedFields: __, ...rest } = metadata;
  return rest;
}

type Bearing = { readonly eventType: 'SpecRevised' | 'MetadataRevised' | 'StatusReported'; readonly account: AccountState };

function born(
  present: KubeObject,
  next: KubeObject,
  { kind, version, rules, by, eventType, account }: ReviseResource & Bearing,
): KubeObject {
  if (eventType === 'MetadataRevised' && next.metadata.deletionTimestamp === undefined) {
    const annotated = rules?.annotatedStatus?.(next, by.at, account);
    return annotated && !equalJson(annotated, next.status) ? withMeshStatus(next, annotated, { kind, version, by }) : next;
  }
  if (eventType !== 'SpecRevised') return next;
  const generation = kind.hasGeneration ? { generation: (present.metadata.generation ?? 1) + 1 } : {};
  const revised = { ...next, metadata: { ...next.metadata, ...generation } };
  if (revised.metadata.deletionTimestamp !== undefined) return revised;
  const status =
    rules?.revisedStatus?.(revised, by.at, account) ??
    (kind.source.type === 'bound' && version.statusSubresource ? revisedStatus(revised, by.at) : undefined);
  return status ? withMeshStatus(revised, status, { kind, version, by }) : revised;
}

/** Whether deletion was asked for and nothing holds the object any more. */
export function mayGo(object: KubeObject): boolean {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  return deletionTimestamp !== undefined && finalizers.length === 0 && !isHeldNamespace(object);
}

/** Namespaces alone have finalizers in their spec, too. */
export function isHeldNamespace({ apiVersion, kind, spec }: KubeObject): boolean {
  if (kind !== 'Namespace' || apiVersion !== 'v1') return false;
  return ((spec as { readonly finalizers?: readonly string[] } | undefined)?.finalizers?.length ?? 0) > 0;
}
