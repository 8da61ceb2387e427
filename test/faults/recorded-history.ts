import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeEvent, type AccountEvent } from '#account';
import { PostgresEventLog } from '#adapter-postgres';
import type { RecordedEvent } from '#stream';
import type { Served } from '../servers/tributary-client.ts';
import type { SentWrite } from './ledger.ts';

export type Recorded = { readonly place: RecordedEvent; readonly event: AccountEvent };
type Change = Extract<AccountEvent, { readonly object: unknown }>;
export type RecordedChange = { readonly place: RecordedEvent; readonly event: Change };

/** The whole log of a server's embedded database, read past the server. */
export async function readHistory(dataFolder: string): Promise<readonly RecordedEvent[]> {
  return readHistoryOf(await databaseUrl(join(dataFolder, 'postgres')));
}

/** The same of any database. */
export async function readHistoryOf(url: string): Promise<readonly RecordedEvent[]> {
  const log = await PostgresEventLog.open({ url });
  try {
    const history: RecordedEvent[] = [];
    for await (const recorded of log.readAll(0n)) history.push(recorded);
    return history;
  } finally {
    await log.close();
  }
}

export function accountEvents(history: readonly RecordedEvent[]): readonly Recorded[] {
  return history.filter(({ stream }) => stream.startsWith('account-')).map((place) => ({ place, event: decodeEvent(place.data) }));
}

export function changesIn(recorded: readonly Recorded[]): readonly RecordedChange[] {
  return recorded.filter((each): each is RecordedChange => 'object' in each.event);
}

/** What is wrong with the log itself: gaps, doubles, disorder. Of accounts that are gone, the log keeps the end only: so many places are empty. */
export function faultsOfPlaces(history: readonly RecordedEvent[]): readonly string[] {
  const faults: string[] = [];
  const buried = buriedStreams(history);
  const heads = new Map(buried);
  const ids = new Set<string>();
  const emptyMax = [...buried.values()].reduce((sum, last) => sum + last + 1n, 0n);
  let empty = 0n;
  history.forEach(({ position, stream, revision, id }, index) => {
    const gap = position - BigInt(index + 1) - empty;
    if (gap < 0n || empty + gap > emptyMax) faults.push(`position ${position} stands at place ${index + 1}`);
    else empty += gap;
    const expected = (heads.get(stream) ?? -1n) + 1n;
    if (revision !== expected) faults.push(`${stream} has ${revision} where ${expected} was expected`);
    heads.set(stream, revision);
    if (ids.has(id)) faults.push(`event ${id} is recorded twice`);
    ids.add(id);
  });
  if (empty < emptyMax && faults.length === 0) faults.push(`${emptyMax} events were forgotten, but ${empty} places are empty`);
  return faults;
}

/** The last revision that was forgotten, of each stream of which nothing but the end of its account is left. */
function buriedStreams(history: readonly RecordedEvent[]): ReadonlyMap<string, bigint> {
  const firsts = new Map<string, RecordedEvent>();
  for (const recorded of history) if (!firsts.has(recorded.stream)) firsts.set(recorded.stream, recorded);
  const isOver = (account: string): boolean => firsts.get(`account-${account}`)?.type === 'WorkspaceClosed';
  const buried = [...firsts].filter(([stream, { revision }]) => revision > 0n && isOver(stream.slice(stream.indexOf('-') + 1)));
  return new Map(buried.map(([stream, { revision }]) => [stream, revision - 1n]));
}

/** What is wrong with the life of any object: a change that follows on nothing, changes nothing, or counts wrongly. */
export function faultsOfLives(changes: readonly RecordedChange[]): readonly string[] {
  const faults: string[] = [];
  const lives = new Map<string, RecordedChange>();
  const reported = new Map<string, bigint>();
  for (const change of changes) {
    const { place, event } = change;
    const { uid } = event;
    const before = lives.get(uid);
    const last = reported.get(uid);
    for (const fault of [...faultsOfStep(before, change, last), ...faultsOfReport(before, change, last)])
      faults.push(`${place.stream}@${place.revision} ${event.type} ${event.key.resource}/${event.key.name}: ${fault}`);
    lives.set(uid, change);
    if (event.type === 'StatusReported' && event.sequence !== undefined) reported.set(uid, BigInt(event.sequence));
  }
  return faults;
}

function* faultsOfStep(before: RecordedChange | undefined, { place, event }: RecordedChange, last: bigint | undefined): Generator<string> {
  const { resourceVersion, generation } = event.object.metadata;
  if (resourceVersion !== String(place.revision + 1n)) yield `has resourceVersion ${resourceVersion}`;
  if (event.type === 'ResourceDeclared') {
    if (before) yield 'is declared twice';
    return;
  }
  if (!before) {
    yield 'was never declared';
    return;
  }
  if (before.event.type === 'ResourceRemoved') yield 'was gone already';
  const old = before.event.object.metadata;
  if (event.was !== old.resourceVersion) yield `follows ${event.was}, but ${old.resourceVersion} came before`;
  const isBump =
    event.type === 'SpecRevised' ||
    event.type === 'DeletionRequested' ||
    (event.type === 'ResourceRemoved' && old.deletionTimestamp === undefined);
  if (old.generation !== undefined && generation !== old.generation + (isBump ? 1 : 0))
    yield `went from generation ${old.generation} to ${generation}`;
  // A provider that starts again says all once more, perhaps within the second: what is new is how far its reports are counted.
  const counts = event.type === 'StatusReported' && BigInt(event.sequence ?? 0) > (last ?? 0n);
  if (!counts && textWithoutVersion(event) === textWithoutVersion(before.event)) yield 'changes nothing';
}

/** Of whoever reports on an object, no report comes after a newer one, whatever became of the object between them. */
function* faultsOfReport(before: RecordedChange | undefined, { event }: RecordedChange, last: bigint | undefined): Generator<string> {
  if (event.type !== 'StatusReported' || event.sequence === undefined || last === undefined) return;
  const [answered = 0, answeredBefore = 0] = [event, before?.event].map(
    (each) => (each?.object.status as Served['status'])?.observedGeneration,
  );
  if (BigInt(event.sequence) <= last && answered <= answeredBefore) yield `takes report ${event.sequence} after ${last}`;
}

function textWithoutVersion({ type, object }: Change): string {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return JSON.stringify([type === 'ResourceRemoved', { ...object, metadata }]);
}

/**
 * Acknowledged writes that are not recorded exactly once and as answered, and others that are recorded more than once, or though refused, or were
 * answered as nothing excuses. What was written in a workspace whose account is gone may be forgotten with it.
 */
export function faultsOfWrites(writes: readonly SentWrite[], changes: readonly RecordedChange[]): readonly string[] {
  const byCause = Map.groupBy(changes, ({ event }) => event.by.cause);
  const gone = changes.flatMap(({ event }) =>
    event.type === 'ResourceRemoved' && event.key.resource === 'accounts' ? [event.key.name] : [],
  );
  return writes.flatMap(({ id, what, outcome, object, mayChangeNothing, strange }) => {
    if (strange !== undefined) return [`${what}: answered ${strange}`];
    const recorded = byCause.get(id) ?? [];
    const mayBeMissing = outcome === 'unknown' || mayChangeNothing || gone.some((name) => isWithin(name, what));
    const counts = outcome === 'refused' ? [0] : mayBeMissing ? [0, 1] : [1];
    if (!counts.includes(recorded.length)) return [`${what}: ${outcome}, but recorded ${recorded.length} times`];
    const [change] = recorded;
    if (outcome !== 'acknowledged' || !object || !change) return [];
    const { uid, resourceVersion } = object.metadata;
    const isSame =
      change.event.uid === uid && (isLater(resourceVersion, change) || change.event.object.metadata.resourceVersion === resourceVersion);
    return isSame
      ? []
      : [`${what}: answered as ${uid}@${resourceVersion}, recorded as ${change.event.uid}@${change.event.object.metadata.resourceVersion}`];
  });
}

/** Whether a request is to the workspace of an account of this name, or to one below it. */
const isWithin = (account: string, what: string): boolean =>
  what.split('/clusters/')[1]?.split('/')[0]?.split(':').includes(account) ?? false;

/** A binding is answered when it is Bound, some events after the one that created it. */
function isLater(resourceVersion: string, { event }: RecordedChange): boolean {
  return (
    event.key.resource === 'apibindings' &&
    event.type === 'ResourceDeclared' &&
    BigInt(resourceVersion) > BigInt(event.object.metadata.resourceVersion ?? 0)
  );
}

/** As the embedded server notes it down beside its cluster. */
export async function databaseUrl(folder: string): Promise<string> {
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  const port = (await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3];
  return `postgresql://tributary:${encodeURIComponent(password)}@127.0.0.1:${port}/tributary`;
}
