import { decodeEvent, type AccountEvent } from '#account';
import type { JsonObject, ResourceKey } from '#kube';
import { StreamTruncated, type EventArchive, type EventLog, type RecordedEvent } from '#stream';
import type { HistoryRow } from '../views/history.ts';
import { shownObject } from '../views/shown-object.ts';
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

/** Where the changes of an object are listed. */
export interface HistoryIndex {
  /** Newest first. @throws ViewsUnavailable */
  entries(query: HistoryQuery): Promise<readonly HistoryRow[]>;
  /** The newest change at or before a moment: an RFC 3339 time, or a revision. @throws ViewsUnavailable */
  entryAt(place: Pick<HistoryQuery, 'cluster' | 'key'>, moment: string | bigint): Promise<HistoryRow | undefined>;
}

export type HistoryEntry = HistoryRow & {
  /** What it changed. Null where neither log nor archive keeps the states before and after. */
  readonly diff: StructuralDiff | null;
};

/** As it was after a change; `removed` with its last state. */
export type PastObject =
  | { readonly type: 'found' | 'removed'; readonly row: HistoryRow; readonly object: JsonObject }
  /** It did not exist then, as far as the history goes back. */
  | { readonly type: 'nothing' }
  /** Neither log nor archive keeps anything of that time. */
  | { readonly type: 'gone'; readonly row: HistoryRow };

/** What happened to an object: listed by a view, told by the log itself. Secrets are never shown. */
export class ObjectHistory {
  readonly #index: HistoryIndex;
  readonly #log: EventLog;
  readonly #archive: Pick<EventArchive, 'readStream'>;

  constructor(index: HistoryIndex, log: EventLog, archive: Pick<EventArchive, 'readStream'>) {
    this.#index = index;
    this.#log = log;
    this.#archive = archive;
  }

  /** Newest first. @throws ViewsUnavailable, LogUnavailable */
  async entries(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    const rows = await this.#index.entries(query);
    // The state before one entry is the state after the next.
    const states = new Map<bigint, JsonObject | undefined>();
    for (const { revision, was } of rows)
      for (const each of was === null ? [revision] : [revision, was])
        if (!states.has(each)) states.set(each, await this.#stateAt(query.cluster, query.key, each));
    return rows.map((row) => ({ ...row, diff: diffOf(row, states) }));
  }

  /** @throws ViewsUnavailable, LogUnavailable */
  async at(place: Pick<HistoryQuery, 'cluster' | 'key'>, moment: string | bigint): Promise<PastObject> {
    const row = await this.#index.entryAt(place, moment);
    if (!row) return { type: 'nothing' };
    const object = await this.#stateAt(place.cluster, place.key, row.revision);
    if (!object) return { type: 'gone', row };
    return { type: row.type === 'ResourceRemoved' ? 'removed' : 'found', row, object };
  }

  async #stateAt(cluster: string, key: ResourceKey, revision: bigint): Promise<JsonObject | undefined> {
    const recorded = await this.#eventAt(`account-${cluster}`, revision);
    const event: AccountEvent | undefined = recorded && decodeEvent(recorded.data);
    return event && 'object' in event ? shownObject(event.object, key) : undefined;
  }

  async #eventAt(stream: string, revision: bigint): Promise<RecordedEvent | undefined> {
    try {
      return await firstOf(this.#log.readStream(stream, revision), revision);
    } catch (error) {
      if (!(error instanceof StreamTruncated)) throw error;
      return firstOf(this.#archive.readStream(stream, revision), revision);
    }
  }
}

async function firstOf(events: AsyncIterable<RecordedEvent>, revision: bigint): Promise<RecordedEvent | undefined> {
  for await (const recorded of events) return recorded.revision === revision ? recorded : undefined;
  return undefined;
}

function diffOf({ revision, was }: HistoryRow, states: ReadonlyMap<bigint, JsonObject | undefined>): StructuralDiff | null {
  const after = states.get(revision);
  const before = was === null ? {} : states.get(was);
  return before && after ? structuralDiff(withoutPlace(before), withoutPlace(after)) : null;
}

/** Every change has a resourceVersion of its own: that says nothing. */
function withoutPlace(object: JsonObject): JsonObject {
  const { resourceVersion: _, ...metadata } = (object['metadata'] ?? {}) as JsonObject;
  return { ...object, metadata };
}
