import type { JsonObject } from '../json.ts';
import { goQuote } from '../schema/go-text.ts';
import type { StatusCause } from '../status-failure.ts';
import { capUpdaters } from './cap-updaters.ts';
import { difference, fieldSetOf, hasPath, noFields, pathText, recursiveDifference, union, type FieldSet } from './field-set.ts';
import type { FieldType } from './field-type.ts';
import { encodeFields } from './fields-v1.ts';
import { fieldsByShape } from './first-fields.ts';
import { fieldsStillAsLastApplied, withLastApplied } from './last-applied.ts';
import {
  asksForReset,
  decodeManaged,
  encodeManaged,
  managedEntry,
  nobody,
  ownerKey,
  readOwnerKey,
  type Managed,
  type OwnerName,
} from './managed-fields.ts';
import { applyOver, ownersAfterUpdate, unconvertible, type Conflict, type Owners, type Versions, type Write } from './owners.ts';
import { everyField } from './to-field-set.ts';
import { untracked } from './untracked.ts';
import { faultsText, typeFaults } from './validate-typed.ts';

/** A write, as far as the ownership of fields is concerned. Objects are in the version of the request. */
export type TrackedWrite = {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: '' | 'status' | 'finalize' | 'scale';
  /** RFC 3339. */
  readonly at: string;
  readonly versions: Versions;
  /** Top-level fields that this endpoint resets, such as `status` on the main one. */
  readonly resets: FieldSet;
};

export type ManagedFields = readonly JsonObject[] | undefined;

/**
 * The managedFields of an object that was created (`live` undefined), updated or patched. `sent` is what the client
 * itself says about them: well-formed, it is taken as given; a reset clears them; anything else counts as not said.
 */
export function managedAfterUpdate(live: JsonObject | undefined, next: JsonObject, sent: unknown, write: TrackedWrite): ManagedFields {
  const managed = managedToStart(live, sent, write);
  // Tracking that was given up by a reset begins again only with the next apply.
  if (managed.owners.size === 0 && live !== undefined) return undefined;
  if (managed.owners.size === 0) return firstOwner(next, write);
  // Upstream gives tracking up rather than refuse the write.
  if ([live ?? {}, next].some((object) => unconvertible(object, managed.owners, { ...write, ignored: write.resets }) !== undefined))
    return undefined;
  return encodeManaged(capUpdaters(updated(withoutManaged(live ?? {}), withoutManaged(next), managed, write)));
}

export type Applied =
  | { readonly type: 'applied'; readonly object: JsonObject; readonly managedFields: ManagedFields }
  /** `message` and `causes` are upstream's. */
  | { readonly type: 'conflict'; readonly message: string; readonly causes: readonly StatusCause[] }
  | { readonly type: 'untyped'; readonly message: string };

/** Server-side apply. `live` is undefined where the object is to be created. */
export function applyConfiguration(
  live: JsonObject | undefined,
  config: JsonObject,
  write: TrackedWrite & { readonly force: boolean },
): Applied {
  const type = write.versions.typeOf(write.apiVersion) as FieldType;
  const faults = typeFaults(type, config, 'refused');
  if (faults.length > 0)
    return { type: 'untyped', message: `failed to create typed patch object (${namesOf(config)}): ${faultsText(faults)}` };
  const present = live === undefined ? { apiVersion: config['apiVersion'], kind: config['kind'] } : withoutManaged(live);
  let managed = managedOf(live) ?? nobody;
  if (managed.owners.size === 0 && live !== undefined) managed = updated({}, present, managed, { ...write, manager: 'before-first-apply' });
  const applied = attempt(present, config, managed, write);
  if (applied.type !== 'applied' || write.manager !== 'kubectl') return applied;
  return { ...applied, object: withLastApplied(applied.object, config) };
}

function attempt(present: JsonObject, config: JsonObject, managed: Managed, write: TrackedWrite & { readonly force: boolean }): Applied {
  const owner = ownerKey(nameOf(write, 'Apply'));
  const options = { owner, apiVersion: write.apiVersion, versions: write.versions, ignored: write.resets };
  const fault = unconvertible(present, managed.owners, options);
  if (fault !== undefined) return { type: 'untyped', message: fault };
  let outcome = applyOver(present, config, managed.owners, { ...options, force: write.force });
  if (outcome.type === 'conflict' && write.manager === 'kubectl') {
    const yielding = fieldsStillAsLastApplied(present, write.apiVersion, write.versions.typeOf(write.apiVersion) as FieldType);
    const left = outcome.conflicts.filter(({ path }) => !hasPath(yielding, path));
    outcome =
      left.length > 0 ? { type: 'conflict', conflicts: left } : applyOver(present, config, managed.owners, { ...options, force: true });
  }
  if (outcome.type === 'conflict') return conflictOf(outcome.conflicts);
  if (outcome.type === 'unfit') return { type: 'untyped', message: outcome.message };
  const times = outcome.changed ? new Map([...managed.times, [owner, secondsText(write.at)]]) : managed.times;
  return {
    type: 'applied',
    object: outcome.object,
    managedFields: encodeManaged({ owners: stripped(outcome.owners, owner), times, read: managed.read }),
  };
}

/** Writes as nobody in particular first, so that what the same manager owns in another version is taken from it too. */
function updated(live: JsonObject, next: JsonObject, managed: Managed, write: TrackedWrite): Managed {
  const options: Write = { owner: writing, apiVersion: write.apiVersion, versions: write.versions, ignored: write.resets };
  const after = new Map(stripped(ownersAfterUpdate(live, next, managed.owners, options), writing));
  const own = after.get(writing);
  if (own === undefined) return { ...managed, owners: after };
  after.delete(writing);
  const owner = ownerKey(nameOf(write, 'Update'));
  const before = after.get(owner)?.fields ?? noFields;
  after.set(owner, { ...own, fields: union(own.fields, before) });
  return { ...managed, owners: after, times: new Map([...managed.times, [owner, secondsText(write.at)]]) };
}

const writing = 'current-operation';

/** Of an object that is new and nobody's: all that was sent, in one walk. */
function firstOwner(next: JsonObject, write: TrackedWrite): ManagedFields {
  const type = write.versions.typeOf(write.apiVersion) as FieldType;
  const fields = firstFields(type, withoutManaged(next), write.resets);
  return fields && [managedEntry(nameOf(write, 'Update'), fields, secondsText(write.at))];
}

const firstFields = fieldsByShape((type, object, resets) => {
  const fields = difference(recursiveDifference(everyField(type, object), resets), untracked);
  return fields.size === 0 ? undefined : encodeFields(fields);
});

function managedToStart(live: JsonObject | undefined, sent: unknown, { subresource }: TrackedWrite): Managed {
  const entries = sent as JsonObject['managedFields'];
  if (subresource !== '') return managedOf(live) ?? nobody;
  if (asksForReset(entries)) return nobody;
  const said = Array.isArray(entries) && entries.length > 0 ? decodeManaged(entries as readonly JsonObject[]) : undefined;
  if (said !== undefined && said.owners.size > 0) return { ...said, read: new Map() };
  return managedOf(live) ?? nobody;
}

function managedOf(live: JsonObject | undefined): Managed | undefined {
  const entries = (live?.['metadata'] as JsonObject | undefined)?.['managedFields'];
  return Array.isArray(entries) ? decodeManaged(entries as readonly JsonObject[]) : undefined;
}

function withoutManaged(object: JsonObject): JsonObject {
  const metadata = object['metadata'] as JsonObject | undefined;
  if (metadata?.['managedFields'] === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function nameOf({ manager, apiVersion, subresource }: TrackedWrite, operation: OwnerName['operation']): OwnerName {
  return { manager: manager === '' ? 'unknown' : manager, operation, apiVersion, subresource };
}

function stripped(owners: Owners, owner: string): Owners {
  const own = owners.get(owner);
  if (own === undefined) return owners;
  const fields = difference(own.fields, untracked);
  if (fields === own.fields) return owners;
  const left = new Map(owners);
  if (fields.size === 0) left.delete(owner);
  else left.set(owner, { ...own, fields });
  return left;
}

const secondsText = (at: string): string => `${at.slice(0, 19)}Z`;

function namesOf({ apiVersion, kind, metadata }: JsonObject): string {
  const { namespace = '', name = '' } = (metadata ?? {}) as { readonly namespace?: string; readonly name?: string };
  const groupVersion = String(apiVersion);
  return `${namespace}/${name}; ${groupVersion.includes('/') ? groupVersion : `/${groupVersion}`}, Kind=${String(kind)}`;
}

function conflictOf(conflicts: readonly Conflict[]): Applied {
  const causes = conflicts.map(({ owner, path }): StatusCause => {
    return { reason: 'FieldManagerConflict', message: `conflict with ${printed(owner)}`, field: pathText(path) };
  });
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined)
    return {
      type: 'conflict',
      message: `Apply failed with 1 conflict: conflict with ${printed(only.owner)}: ${pathText(only.path)}`,
      causes,
    };
  const lines = conflicts.flatMap(({ owner, path }, index) => [
    ...(conflicts[index - 1]?.owner === owner ? [] : [`conflicts with ${printed(owner)}:`]),
    `- ${pathText(path)}`,
  ]);
  return { type: 'conflict', message: `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, causes };
}

function printed(owner: string): string {
  const { manager, operation, apiVersion, subresource } = readOwnerKey(owner);
  const who = subresource === '' ? goQuote(manager) : `${goQuote(manager)} with subresource ${goQuote(subresource)}`;
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}

/** What an endpoint resets: the main one `status`, where that has an endpoint of its own; `/status` all else. */
export function fieldsReset(type: FieldType, subresource: TrackedWrite['subresource'], hasStatus: boolean): FieldSet {
  if (subresource !== 'status') return hasStatus ? statusOnly : noFields;
  const others = ['metadata', 'spec', ...(type.map?.fields.keys() ?? [])].filter((name) => name !== 'status');
  return fieldSetOf(...others.map((name) => [`f:${name}`]));
}

const statusOnly = fieldSetOf(['f:status']);
