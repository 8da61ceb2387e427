import {
  collectResource,
  eventOf,
  isCollected,
  isDeletingForeground,
  isOrphaning,
  orphanResource,
  strangersOf,
  type AccountEvent,
  type ObjectEvent,
  type AccountState,
  type CollectResource,
  type ObjectRecord,
  type ServedNames,
} from '#account';
import { groupResource, type ServedKind } from '#kube';
import { accept, type Decision, type RecordedEvent } from '#stream';
import { announce, rulesOf, type AccountActor, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

/** So many objects are judged, and perhaps deleted, by one append. */
const chunkSize = 200;

/**
 * Garbage collection: an object whose owners are gone goes, an owner that waits for its dependents goes when they are gone. Each event
 * asks only about the objects beside it, and what is done about them is an event again.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export async function collect(house: House, event: ObjectEvent, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  // A workspace that closes is emptied anyway.
  if (account.state.phase !== 'open') return;
  const side = await relatedSide(house, account, event);
  const owner = account.state.findByUid(event.uid) ?? side?.state.findByUid(event.uid);
  const places = side ? [account, side] : [account];
  // Most of what is deleted has nothing to do with anybody.
  if (isLease(event.key) && event.type === 'ResourceRemoved') await house.ephemera.recount(account, event.key.namespace);
  if (places.every((place) => suspects(event, owner, place.state).length === 0)) return;
  const served = servedNames(await house.kindsOf(account));
  const asking = { served, given: await house.givenIn(account), rules: rulesOf, by: policyAuthor(house, cause) };
  const gone = event.type === 'ResourceRemoved' ? { gone: event.uid } : {};
  if (owner && event.type !== 'ResourceRemoved') await tellOfStrangers(house, owner, { account, cause });
  for (const place of places) {
    const beside = places.find((other) => other !== place)?.state;
    if (owner && isOrphaning(owner))
      await inChunks(place, dependentsOf(place.state, owner.uid), (uid, ahead, state) =>
        orphanResource({ ...asking, beside, uid, owner: owner.uid, ahead }, state),
      );
    await inChunks(place, suspects(event, owner, place.state), (uid, ahead, state) =>
      collectResource({ ...asking, ...gone, beside, uid, ahead } satisfies CollectResource, state),
    );
  }
}

/** Accounts on whose side streams something is known to name owners, or nothing. What comes later says so itself, by an event. */
const sideRelates = new WeakMap<AccountActor, boolean>();

/** The account's side stream, where anything of it may matter: it is loaded for nothing else. */
async function relatedSide(house: House, account: AccountActor, event: ObjectEvent): Promise<AccountActor | undefined> {
  const isOfSide = isLease(event.key);
  const namesLease = event.object.metadata.ownerReferences?.some(({ kind }) => kind === 'Lease' || kind === 'Event') === true;
  if (isOfSide) sideRelates.set(account, true);
  if (!isOfSide && !namesLease && sideRelates.get(account) === false) return undefined;
  const side = namesLease ? await house.ephemera.of(account) : await house.ephemera.ofUsed(account);
  await side?.settled();
  const relates = side?.state.list('leases.coordination.k8s.io').some(({ owners }) => owners.length > 0) === true;
  if (!isOfSide) sideRelates.set(account, relates);
  return isOfSide || namesLease || relates ? side : undefined;
}

export const isLease = ({ group, resource }: ObjectRecord['key']): boolean => resource === 'leases' && group === 'coordination.k8s.io';

/** Whoever names an owner in another namespace finds out by an Event why the object went. */
async function tellOfStrangers(
  house: House,
  about: ObjectRecord,
  { account, cause }: { readonly account: AccountActor; readonly cause: string },
): Promise<void> {
  for (const { apiVersion, kind, name, uid } of strangersOf(about, account.state)) {
    const reference = `[${apiVersion}/${kind}, namespace: ${about.namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${reference} does not exist in namespace ${JSON.stringify(about.namespace)}`;
    const component = 'garbage-collector-controller';
    await announce(house, account.state.cluster, { about, type: 'Warning', reason: 'OwnerRefInvalidNamespace', message, component, cause });
  }
}

/** A cheap look before anything is asked: only what names owners, or waits for dependents, has anything to do with others. */
export function mayRelate(recorded: RecordedEvent): boolean {
  const { data, decoded } = recorded;
  if (decoded === undefined) return data.includes('"ownerReferences":[') || data.includes('"disowned":[') || data.includes(waits);
  const event = eventOf(recorded);
  if (!('object' in event)) return false;
  const { ownerReferences, deletionTimestamp } = event.object.metadata;
  return ownerReferences !== undefined || event.disowned !== undefined || deletionTimestamp !== undefined;
}

/** Only what is being deleted waits for dependents. */
const waits = '"deletionTimestamp":"';

/** The uids of those in one place about whom this event may decide. `known`: its object, if it is still there. */
function suspects(event: ObjectEvent, known: ObjectRecord | undefined, state: AccountState): readonly string[] {
  const { uid, object, disowned = [] } = event;
  const dependents = known === undefined || isDeletingForeground(known) ? dependentsOf(state, uid) : [];
  const owners = known === undefined ? (object.metadata.ownerReferences ?? []).map((reference) => reference.uid) : [];
  const waiting = [...disowned, ...owners].filter((owner) => isWaiting(state.findByUid(owner)));
  const itself = state.findByUid(uid) ? [uid] : [];
  return [...new Set([...dependents, ...itself, ...waiting])];
}

const isWaiting = (record: ObjectRecord | undefined): boolean =>
  record !== undefined && (isDeletingForeground(record) || isOrphaning(record));

const dependentsOf = (state: AccountState, uid: string): readonly string[] =>
  Array.from(state.dependentsOf(uid))
    .filter(isCollected)
    .map((record) => record.uid);

type Judge = (uid: string, ahead: number, state: AccountState) => Decision<AccountEvent, never>;

async function inChunks(account: AccountActor, uids: readonly string[], judge: Judge): Promise<void> {
  for (let start = 0; start < uids.length; start += chunkSize) {
    const chunk = uids.slice(start, start + chunkSize);
    // Most often there is nothing to do, and nobody need wait for a turn to find out.
    if (judgements(chunk, judge, account.state).length === 0) continue;
    await account.submit((state) => accept(...judgements(chunk, judge, state)));
  }
}

function judgements(uids: readonly string[], judge: Judge, state: AccountState): readonly AccountEvent[] {
  const events: AccountEvent[] = [];
  for (const uid of uids) {
    const decision = judge(uid, events.length, state);
    if (decision.type === 'accepted') events.push(...decision.events);
  }
  return events;
}

const namesOf = new WeakMap<readonly ServedKind[], ServedNames>();

/** Made once per list of kinds, which workspaces that serve the same share. */
function servedNames(kinds: readonly ServedKind[]): ServedNames {
  const known = namesOf.get(kinds);
  if (known) return known;
  const byKind = new Map<string, ServedKind>();
  for (const kind of kinds)
    for (const { name, served } of kind.versions)
      if (served) byKind.set(`${kind.group === '' ? name : `${kind.group}/${name}`} ${kind.kind}`, kind);
  const byResource = new Map(kinds.map((kind) => [groupResource(kind), kind]));
  const names: ServedNames = {
    byKind: (apiVersion, kind) => byKind.get(`${apiVersion} ${kind}`),
    byResource: (key) => byResource.get(groupResource(key)),
  };
  namesOf.set(kinds, names);
  return names;
}
