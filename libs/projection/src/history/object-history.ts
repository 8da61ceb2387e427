import { decodeEvent, type ObjectEvent } from '#account';
import type { JsonObject, ResourceKey } from '#kube';
import type { EventArchive, EventLog, RecordedEvent } from '#stream';
import { shownObject } from '../views/shown-object.ts';
import { PastEvents } from './past-events.ts';
import { structuralDiff, type StructuralDiff } from './structural-diff.ts';

export type HistoryQuery = {
  readonly cluster: string;
  readonly key: ResourceKey;
  /** RFC 3339, both inclusive. */
  readonly from?: string;
  readonly to?: string;
  /** Only changes of a revision below this: that of the last entry of the page before. */
  readonly below?: bigint;
  /** 1 to 200. */
  readonly limit: number;
};

/** Where the lives of objects end: an object may be removed and declared again under the same name. */
export interface HistoryIndex {
  /**
   * The revisions of the last change of each life of an object, newest first; with `below`, beginning with the first life that lasted as
   * long, where one did. A thousand at most. @throws ViewsUnavailable
   */
  lives(place: Place, below?: bigint): Promise<readonly bigint[]>;
}

type Place = Pick<HistoryQuery, 'cluster' | 'key'>;

/** One change of one object: who, when, through what. */
export type ObjectChange = {
  readonly cluster: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** In the account's stream: the object's resourceVersion less one. */
  readonly revision: bigint;
  readonly position: bigint;
  readonly uid: string;
  readonly type: ObjectEvent['type'];
  /** The revision of the change before; null on the first. */
  readonly was: bigint | null;
  readonly generation: number | null;
  /** RFC 3339, milliseconds. */
  readonly at: string;
  readonly user: string;
  readonly impersonator: string | null;
  readonly userAgent: string;
  readonly fieldManager: string;
  readonly cause: string;
};

export type HistoryEntry = ObjectChange & {
  /** What it changed. Null where neither log nor archive keeps the state before. */
  readonly diff: StructuralDiff | null;
};

/** As it was after a change; `removed` with its last state. */
export type PastObject =
  | { readonly type: 'found' | 'removed'; readonly row: ObjectChange; readonly object: JsonObject }
  /** It did not exist then, as far as the history goes back. */
  | { readonly type: 'nothing' };

/**
 * What happened to an object, told by the log itself: each change names the one before, as far back as log or archive keep them. Secrets
 * are never shown.
 */
export class ObjectHistory {
  readonly #index: HistoryIndex;
  readonly #log: EventLog;
  readonly #archive: Pick<EventArchive, 'readStream'>;

  constructor(index: HistoryIndex, log: EventLog, archive: Pick<EventArchive, 'readStream'>) {
    this.#index = index;
    this.#log = log;
    this.#archive = archive;
  }

  /** Newest first; 200 at most. @throws ViewsUnavailable, LogUnavailable */
  async entries(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    const [from, to] = [timeOf(query.from, -Infinity), timeOf(query.to, Infinity)];
    const limit = Math.min(Math.max(Math.trunc(query.limit), 1), limitMax);
    const past = this.#past(query);
    const entries: HistoryEntry[] = [];
    for await (const { change, object } of this.#changes(query, past, query.below)) {
      const at = Date.parse(change.at);
      if (at > to) continue;
      if (at < from) break;
      const before = change.was === null ? {} : (await changeAt(past, query, change.was))?.object;
      entries.push({ ...change, diff: before ? structuralDiff(withoutPlace(before), withoutPlace(object)) : null });
      if (entries.length >= limit) break;
    }
    return entries;
  }

  /** `moment`: an RFC 3339 time, or a revision. @throws ViewsUnavailable, LogUnavailable */
  async at(place: Place, moment: string | bigint): Promise<PastObject> {
    const below = typeof moment === 'bigint' ? moment + 1n : undefined;
    const time = typeof moment === 'bigint' ? Infinity : Date.parse(moment);
    for await (const { change, object } of this.#changes(place, this.#past(place), below))
      if (Date.parse(change.at) <= time) return { type: change.type === 'ResourceRemoved' ? 'removed' : 'found', row: change, object };
    return { type: 'nothing' };
  }

  #past({ cluster }: Place): PastEvents {
    return new PastEvents(`account-${cluster}`, this.#log, this.#archive);
  }

  /** From the newest on backwards, life by life. Where one is kept no longer, nothing before it is told. */
  async *#changes(place: Place, past: PastEvents, below?: bigint): AsyncGenerator<Told> {
    let lowest = below;
    for (const last of await this.#index.lives(place, below)) {
      // Whoever turns the page tells where it ended: no need to come down from the newest again.
      const isPage = below !== undefined && last >= below;
      const start = isPage ? await changeAt(past, place, below) : undefined;
      let next = start ? start.change.was : last;
      // Of two views, one may have seen the end of a life already.
      if (!isPage && lowest !== undefined && last >= lowest) continue;
      while (next !== null) {
        const told = await changeAt(past, place, next);
        if (!told) return;
        if (below === undefined || next < below) yield told;
        lowest = next;
        next = told.change.was;
      }
    }
  }
}

const limitMax = 200;

/** A change and the object after it. */
type Told = { readonly change: ObjectChange; readonly object: JsonObject };

async function changeAt(past: PastEvents, { cluster, key }: Place, revision: bigint): Promise<Told | undefined> {
  const recorded = await past.at(revision);
  if (!recorded) return undefined;
  const event = decodeEvent(recorded.data);
  if (!('object' in event) || keyText(event.key) !== keyText(key)) return undefined;
  return { change: changeOf(cluster, recorded, event), object: shownObject(event.object, key) };
}

function changeOf(cluster: string, { revision, position }: RecordedEvent, { key, uid, type, was, object, by }: ObjectEvent): ObjectChange {
  return {
    cluster,
    group: key.group,
    resource: key.resource,
    namespace: key.namespace,
    name: key.name,
    revision,
    position,
    uid,
    type,
    was: was === undefined ? null : BigInt(was) - 1n,
    generation: object.metadata.generation ?? null,
    at: by.at,
    user: by.user,
    impersonator: by.impersonator ?? null,
    userAgent: by.userAgent,
    fieldManager: by.fieldManager,
    cause: by.cause,
  };
}

const keyText = ({ group, resource, namespace, name }: ResourceKey): string => JSON.stringify([group, resource, namespace, name]);

const timeOf = (time: string | undefined, otherwise: number): number => (time === undefined ? otherwise : Date.parse(time));

/** Every change has a resourceVersion of its own: that says nothing. */
function withoutPlace(object: JsonObject): JsonObject {
  const { resourceVersion: _, ...metadata } = (object['metadata'] ?? {}) as JsonObject;
  return { ...object, metadata };
}
