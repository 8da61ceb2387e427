import type { KubeObject, OwnerReference, ServedKind } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { foregroundFinalizer, orphanFinalizer, type KindRules, type Propagation } from '../kind-rules.ts';
import type { ObjectRecord } from '../object-record.ts';
import { changed } from './object-event.ts';
import { releaseResource } from './release-resource.ts';
import { requestDeletion } from './request-deletion.ts';
import { storageVersionOf, withOwners } from './track-fields.ts';

/** Judges an object by its owners and dependents. Source: upstream pkg/controller/garbagecollector, attemptToDeleteItem. */
export type CollectResource = {
  readonly uid: string;
  readonly served: ServedNames;
  readonly rules: (kind: ServedKind) => KindRules | undefined;
  /** An owner that is known to be gone, even where its kind is no longer served. */
  readonly gone?: string | undefined;
  /** What the mesh computes of a kind: it is there, without standing in the log. */
  readonly given: (kind: ServedKind) => readonly ObjectRecord[];
  /** Where the rest of the workspace's objects stand: beside the account's stream there is one that forgets. Absent: nothing there matters. */
  readonly beside?: AccountState | undefined;
  readonly by: EventAuthor;
  /** How many events of the same decision come before. */
  readonly ahead?: number;
};

/** The kinds of a workspace by the names that references and keys use. */
export type ServedNames = {
  readonly byKind: (apiVersion: string, kind: string) => ServedKind | undefined;
  readonly byResource: (key: ObjectRecord['key']) => ServedKind | undefined;
};

/** Accepts nothing where nothing is to be done yet; at most one event otherwise. What it causes is judged when it has happened. */
export function collectResource(intent: CollectResource, account: AccountState): Decision<AccountEvent, never> {
  const record = account.findByUid(intent.uid);
  if (!record) return accept();
  if (record.deleting) return releaseOwner(record, intent, account);
  const kind = record.owners.length > 0 ? intent.served.byResource(record.key) : undefined;
  if (!kind) return accept();
  const sorted = sortOwners(record, intent, account);
  if (sorted === 'unknown') return accept();
  const { solid, waiting } = sorted;
  if (solid.length === sorted.all) return accept();
  if (solid.length > 0) return accept(disown(record, { keep: solid, kind }, intent, account));
  const { finalizers = [] } = record.object.metadata;
  const [dependent] = dependentsOf(record.uid, intent, account);
  const isForeground = waiting > 0 && dependent !== undefined;
  const ownWish: Propagation = finalizers.includes(orphanFinalizer)
    ? 'Orphan'
    : finalizers.includes(foregroundFinalizer)
      ? 'Foreground'
      : 'Background';
  const { decision } = requestDeletion(
    {
      key: record.key,
      kindName: kind.kind,
      hasGeneration: kind.hasGeneration,
      rules: intent.rules(kind),
      propagation: isForeground ? 'Foreground' : ownWish,
      unblock: isForeground && some(dependentsOf(record.uid, intent, account), isDeletingForeground),
      by: intent.by,
      ahead: intent.ahead ?? 0,
    },
    account,
  );
  // What may never be deleted stays, whoever owned it.
  return decision.type === 'accepted' ? decision : accept();
}

/** An object that waits for its dependents goes when none is left that it has to wait for. */
function releaseOwner({ key, uid, object }: ObjectRecord, intent: CollectResource, account: AccountState) {
  const { by, ahead } = intent;
  const { finalizers = [] } = object.metadata;
  const release = (finalizer: string) => releaseResource({ key, uid, finalizer, by, ...(ahead === undefined ? {} : { ahead }) }, account);
  if (finalizers.includes(foregroundFinalizer) && !some(dependentsOf(uid, intent, account), (dependent) => blocks(dependent, uid)))
    return release(foregroundFinalizer);
  if (finalizers.includes(orphanFinalizer) && !some(dependentsOf(uid, intent, account), () => true)) return release(orphanFinalizer);
  return accept<AccountEvent>();
}

/** The owner is about to go without its dependents: this one no longer names it. */
export type OrphanResource = CollectResource & { readonly owner: string };

export function orphanResource(intent: OrphanResource, account: AccountState): Decision<AccountEvent, never> {
  const record = account.findByUid(intent.uid);
  const kind = record?.owners.includes(intent.owner) ? intent.served.byResource(record.key) : undefined;
  if (!record || !kind) return accept();
  const keep = (record.object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== intent.owner);
  return accept(disown(record, { keep, kind }, intent, account));
}

/** Whether an object waits for those of its dependents that block its deletion. */
export function isDeletingForeground({ deleting, object }: ObjectRecord): boolean {
  return deleting && object.metadata.finalizers?.includes(foregroundFinalizer) === true;
}

export function isOrphaning({ deleting, object }: ObjectRecord): boolean {
  return deleting && object.metadata.finalizers?.includes(orphanFinalizer) === true;
}

/** The owners that a reference may not name: they live in another namespace than the object. Source: upstream graph_builder.go. */
export function strangersOf(record: ObjectRecord, account: AccountState): readonly OwnerReference[] {
  if (record.owners.length === 0) return [];
  return (record.object.metadata.ownerReferences ?? []).filter(({ uid }) => {
    const namespace = account.findByUid(uid)?.namespace ?? '';
    return namespace !== '' && namespace !== record.namespace;
  });
}

type SortedOwners = { readonly solid: readonly OwnerReference[]; readonly waiting: number; readonly all: number };

/** Unknown, where one reference names a kind that is not served, or that can own no such object: then nobody can say. */
function sortOwners(record: ObjectRecord, intent: CollectResource, account: AccountState): SortedOwners | 'unknown' {
  const { served, gone, given, beside } = intent;
  const references = record.object.metadata.ownerReferences ?? [];
  const solid: OwnerReference[] = [];
  let waiting = 0;
  for (const reference of references) {
    if (reference.uid === gone) continue;
    const kind = served.byKind(reference.apiVersion, reference.kind);
    if (!kind || (kind.namespaced && record.namespace === '')) return 'unknown';
    const owner =
      account.findByUid(reference.uid) ?? beside?.findByUid(reference.uid) ?? given(kind).find(({ uid }) => uid === reference.uid);
    // What comes from other workspaces, or stands beside where nobody has looked, is left alone.
    if (!owner && (kind.source.type === 'computed' || (kind.ephemeral === true && !beside))) return 'unknown';
    if (!owner || !isMeant(owner, reference, { kind, namespace: record.namespace })) continue;
    if (isDeletingForeground(owner)) waiting++;
    else solid.push(reference);
  }
  return { solid, waiting, all: references.length };
}

function* dependentsOf(uid: string, { beside }: CollectResource, account: AccountState): Iterable<ObjectRecord> {
  yield* account.dependentsOf(uid);
  if (beside) for (const dependent of beside.dependentsOf(uid)) if (isCollected(dependent)) yield dependent;
}

/** Events go by their age alone. Source: upstream garbagecollector, ignoredResources. */
export const isCollected = ({ key }: ObjectRecord): boolean => key.resource !== 'events' || key.group !== '';

function isMeant(
  { key }: ObjectRecord,
  { name }: OwnerReference,
  { kind, namespace }: { readonly kind: ServedKind; readonly namespace: string },
): boolean {
  return (
    key.name === name && key.group === kind.group && key.resource === kind.resource && (key.namespace === '' || key.namespace === namespace)
  );
}

function disown(
  record: ObjectRecord,
  { keep, kind }: { readonly keep: readonly OwnerReference[]; readonly kind: ServedKind },
  { by, ahead = 0 }: CollectResource,
  account: AccountState,
): AccountEvent {
  const { object } = record;
  const { ownerReferences: _, ...metadata } = object.metadata;
  const next: KubeObject = { ...object, metadata: keep.length > 0 ? { ...metadata, ownerReferences: keep } : metadata };
  const owned = withOwners(object, next, { kind, version: storageVersionOf(kind), by });
  return changed('MetadataRevised', record, owned, { account, by, ahead });
}

const blocks = ({ object }: ObjectRecord, owner: string): boolean =>
  object.metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true) === true;

function some<Item>(items: Iterable<Item>, holds: (item: Item) => boolean): boolean {
  for (const item of items) if (holds(item)) return true;
  return false;
}
