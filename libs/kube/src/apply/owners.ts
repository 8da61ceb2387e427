import { equalJson } from '../equal-json.ts';
import type { JsonObject } from '../json.ts';
import { compare, type Comparison } from './compare.ts';
import {
  difference,
  equalSets,
  hasAllOf,
  intersection,
  noFields,
  pathsOf,
  recursiveDifference,
  union,
  type FieldSet,
  type Path,
} from './field-set.ts';
import type { FieldType } from './field-type.ts';
import { mergeValues } from './merge.ts';
import { reconcileWithType } from './reconcile.ts';
import { removeFields, withNamedStructs } from './remove-fields.ts';
import { namedFields } from './to-field-set.ts';
import { untracked } from './untracked.ts';
import { faultsText, typeFaults } from './validate-typed.ts';

/** Who owns which fields, by the name under which an owner is told from the others. */
export type Owners = ReadonlyMap<string, OwnedFields>;
export type OwnedFields = { readonly fields: FieldSet; readonly apiVersion: string; readonly applied: boolean };

/** The versions in which owners' fields are counted. */
export type Versions = {
  /** The type and the form of an object in a version; undefined where there is no such version any more. */
  readonly typeOf: (apiVersion: string) => FieldType | undefined;
  readonly convert: (object: JsonObject, apiVersion: string) => JsonObject;
};

export type Write = {
  readonly owner: string;
  readonly apiVersion: string;
  readonly versions: Versions;
  /** Fields that this endpoint resets: nobody owns them by writing here. */
  readonly ignored: FieldSet;
};

/**
 * Why an object cannot be looked at in the versions of its owners' fields: lists may hold what cannot be told apart only
 * as long as nobody converts them. Undefined where it can.
 */
export function unconvertible(object: JsonObject, owners: Owners, { apiVersion, versions }: Omit<Write, 'owner'>): string | undefined {
  const others = new Set([...owners.values()].map((owned) => owned.apiVersion));
  others.delete(apiVersion);
  for (const other of others) {
    const type = versions.typeOf(other);
    const faults = type === undefined ? [] : typeFaults(type, versions.convert(object, other), 'refused');
    if (faults.length > 0) return faultsText(faults);
  }
  return undefined;
}

export type Conflict = { readonly owner: string; readonly path: Path };

export type AppliedOver =
  /** `object` is the live object itself where nothing changed. */
  | { readonly type: 'applied'; readonly object: JsonObject; readonly owners: Owners; readonly changed: boolean }
  | { readonly type: 'conflict'; readonly conflicts: readonly Conflict[] }
  | { readonly type: 'unfit'; readonly message: string };

/** After a write of whole objects: what it changed or added belongs to the writer alone, what it removed to nobody. */
export function ownersAfterUpdate(live: JsonObject, next: JsonObject, owners: Owners, write: Write): Owners {
  const { owner, apiVersion } = write;
  const known = reconciled(owners, write);
  const comparison = comparedAt(live, next, apiVersion, write);
  const settled = settle({ live, next, comparison }, known, write);
  const after = new Map(withoutLost(settled, known));
  const before = after.get(owner)?.fields ?? noFields;
  const own = union(union(difference(before, comparison.removed), comparison.modified), comparison.added);
  const kept = recursiveDifference(own, write.ignored);
  if (kept.size === 0) after.delete(owner);
  else after.set(owner, { fields: kept, apiVersion, applied: false });
  return after;
}

/**
 * Lays a configuration over the live object. What its owner applied before and no longer names goes away, unless others
 * own it too. A change of what others own is a conflict, or with `force` taken from them.
 */
export function applyOver(live: JsonObject, config: JsonObject, owners: Owners, write: Write & { readonly force: boolean }): AppliedOver {
  const { owner, apiVersion, versions } = write;
  const type = versions.typeOf(apiVersion) as FieldType;
  const known = reconciled(owners, write);
  const merged = mergeValues(type, live, config) as JsonObject;
  const last = known.get(owner);
  const wanted = new Map(known);
  const named = recursiveDifference(namedFields(type, config), write.ignored);
  // Then the entry is written as it was read, and nothing is to be removed.
  const isAsBefore = last !== undefined && equalSets(last.fields, difference(named, untracked));
  wanted.set(owner, { fields: isAsBefore ? last.fields : named, apiVersion, applied: true });
  const pruned = prune(merged, last, wanted, write);
  if (pruned.type === 'unfit') return pruned;
  const next = pruned.object;
  const settled = settle({ live, next, comparison: comparedAt(live, next, apiVersion, write) }, wanted, write);
  if (settled.conflicts.length > 0 && !write.force)
    return {
      type: 'conflict',
      conflicts: settled.conflicts.flatMap(({ owner: of, fields }) => pathsOf(fields).map((path) => ({ owner: of, path }))),
    };
  const changed = !equalJson(live, next);
  return { type: 'applied', object: changed ? next : live, owners: withoutLost(settled, wanted), changed };
}

type Change = { readonly live: JsonObject; readonly next: JsonObject; readonly comparison: Comparison };

type Settled = {
  /** Owners of what was changed or added, sorted. */
  readonly conflicts: readonly { readonly owner: string; readonly fields: FieldSet }[];
  readonly removed: ReadonlyMap<string, FieldSet>;
};

/** What a change means for everyone else. Each owner's fields are compared in the version in which they are counted. */
function settle({ live, next, comparison }: Change, owners: Owners, write: Write): Settled {
  const byVersion = new Map<string, Comparison>([[write.apiVersion, comparison]]);
  const conflicts: { owner: string; fields: FieldSet }[] = [];
  const removed = new Map<string, FieldSet>();
  for (const [owner, { fields, apiVersion }] of owners) {
    if (owner === write.owner) continue;
    let seen = byVersion.get(apiVersion);
    if (seen === undefined) byVersion.set(apiVersion, (seen = versionCompared({ live, next }, apiVersion, write)));
    const taken = union(intersection(fields, seen.modified), intersection(fields, seen.added));
    if (taken.size > 0) conflicts.push({ owner, fields: taken });
    if (seen.removed.size > 0) removed.set(owner, seen.removed);
  }
  conflicts.sort((a, b) => (a.owner < b.owner ? -1 : 1));
  return { conflicts, removed };
}

function withoutLost({ conflicts, removed }: Settled, owners: Owners): Owners {
  const left = new Map<string, OwnedFields>();
  const taken = new Map(conflicts.map(({ owner, fields }) => [owner, fields]));
  for (const [owner, owned] of owners) {
    const fields = difference(difference(owned.fields, taken.get(owner) ?? noFields), removed.get(owner) ?? noFields);
    if (fields.size > 0) left.set(owner, fields === owned.fields ? owned : { ...owned, fields });
  }
  return left;
}

function versionCompared({ live, next }: Omit<Change, 'comparison'>, apiVersion: string, write: Write): Comparison {
  const { convert } = write.versions;
  return comparedAt(convert(live, apiVersion), convert(next, apiVersion), apiVersion, write);
}

function comparedAt(live: JsonObject, next: JsonObject, apiVersion: string, { versions, ignored }: Write): Comparison {
  const { added, removed, modified } = compare(versions.typeOf(apiVersion) as FieldType, live, next);
  if (ignored.size === 0) return { added, removed, modified };
  return {
    added: recursiveDifference(added, ignored),
    removed: recursiveDifference(removed, ignored),
    modified: recursiveDifference(modified, ignored),
  };
}

type Pruned = { readonly type: 'pruned'; readonly object: JsonObject } | { readonly type: 'unfit'; readonly message: string };

/** Removes what the owner applied before and neither it nor anyone else names now. */
function prune(merged: JsonObject, last: OwnedFields | undefined, owners: Owners, write: Write): Pruned {
  if (last === undefined || last.fields.size === 0 || namesAllOf(last, owners.get(write.owner))) return { type: 'pruned', object: merged };
  const { versions } = write;
  const type = versions.typeOf(last.apiVersion) as FieldType;
  const before = versions.convert(merged, last.apiVersion);
  const lastFields = withNamedStructs(last.fields, type);
  const removed = removeFields(type, before, lastFields) as JsonObject;
  const restored = withOwnedFields(before, removed, { version: last.apiVersion, owners, write });
  if (restored.type === 'unfit') return restored;
  const left = withNamedStructs(namedFields(type, restored.object), type);
  const all = withNamedStructs(namedFields(type, before), type);
  const dangling = intersection(difference(all, left), lastFields);
  const pruned = removeFields(type, before, dangling) as JsonObject;
  return converted(pruned, { from: last.apiVersion, to: write.apiVersion }, versions, '');
}

/** The usual case at a glance: whoever names all that it named before removes nothing. */
function namesAllOf(last: OwnedFields, now: OwnedFields | undefined): boolean {
  return now !== undefined && now.apiVersion === last.apiVersion && hasAllOf(now.fields, last.fields);
}

/** Adds back, version by version, what anyone owns; the version of the removal first, since others may not convert without it. */
function withOwnedFields(
  before: JsonObject,
  removed: JsonObject,
  { version, owners, write: { versions } }: { readonly version: string; readonly owners: Owners; readonly write: Write },
): Pruned {
  let present = version;
  let object = removed;
  for (const [apiVersion, owned] of fieldsByVersion(owners, version)) {
    const type = versions.typeOf(apiVersion) as FieldType;
    const there = converted(
      object,
      { from: present, to: apiVersion },
      versions,
      `add back owned items: failed to convert pruned object at version ${apiVersion}`,
    );
    if (there.type === 'unfit') return there;
    const merged = versions.convert(before, apiVersion);
    const all = withNamedStructs(namedFields(type, merged), type);
    const kept = union(withNamedStructs(namedFields(type, there.object), type), withNamedStructs(owned, type));
    object = removeFields(type, merged, difference(all, kept)) as JsonObject;
    present = apiVersion;
  }
  return converted(
    object,
    { from: present, to: version },
    versions,
    'add back dangling items: failed to convert pruned object to last applied version',
  );
}

function fieldsByVersion(owners: Owners, first: string): ReadonlyMap<string, FieldSet> {
  const all = [...owners.values()];
  const fields = new Map<string, FieldSet>();
  for (const owned of [...all.filter(({ apiVersion }) => apiVersion === first), ...all])
    fields.set(owned.apiVersion, union(fields.get(owned.apiVersion) ?? noFields, owned.fields));
  return fields;
}

/** The object in another version, unless the removal left something that no version takes. */
function converted(
  object: JsonObject,
  { from, to }: { readonly from: string; readonly to: string },
  { typeOf, convert }: Versions,
  doing: string,
): Pruned {
  if (from === to) return { type: 'pruned', object };
  const there = convert(object, to);
  const faults = typeFaults(typeOf(to) as FieldType, there, 'refused');
  if (faults.length === 0) return { type: 'pruned', object: there };
  return { type: 'unfit', message: `failed to prune fields: ${doing === '' ? '' : `failed ${doing}: `}${faultsText(faults)}` };
}

/** The owners as today's schemas have them. Fields counted in a version that is gone are nobody's. */
function reconciled(owners: Owners, { versions }: Write): Owners {
  let all: Map<string, OwnedFields> | undefined;
  for (const [owner, owned] of owners) {
    const type = versions.typeOf(owned.apiVersion);
    if (type === undefined) (all ??= new Map(owners)).delete(owner);
    else {
      const fields = reconcileWithType(owned.fields, type);
      if (fields !== owned.fields) (all ??= new Map(owners)).set(owner, { ...owned, fields });
    }
  }
  return all ?? owners;
}
