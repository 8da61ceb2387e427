import { decodeEvent, ObjectRecord } from '#account';
import type { KeyRing } from '#keys';
import { StreamTruncated, type EventArchive, type EventLog, type RecordedEvent } from '#stream';
import { fetchKey } from './account-fold.ts';

/** One change of one object. `was` is the position of the state that the object had before, unless it is new. */
export type PastChange = {
  readonly position: bigint;
  readonly after: ObjectRecord;
  readonly removed: boolean;
  readonly was: bigint | undefined;
};

/** What one account was: its changes, read from the log and, for single ones, from the archive. */
export class AccountPast {
  readonly #stream: string;
  readonly #log: EventLog;
  readonly #archive: EventArchive | undefined;
  readonly #keys: KeyRing;

  constructor(stream: string, { log, archive }: { readonly log: EventLog; readonly archive?: EventArchive | undefined }, keys: KeyRing) {
    this.#stream = stream;
    this.#log = log;
    this.#archive = archive;
    this.#keys = keys;
  }

  /** The changes of objects after a position, oldest first. @throws StreamTruncated */
  changesAfter(after: bigint): AsyncIterable<PastChange> {
    return this.#changesIn(this.#log.readStream(this.#stream, after));
  }

  /** When the change of this position happened (RFC 3339); undefined where there is none. @throws StreamTruncated */
  async timeAt(position: bigint): Promise<string | undefined> {
    for await (const { data } of this.#log.readStream(this.#stream, position - 1n)) return decodeEvent(data).by.at;
    return undefined;
  }

  /** The state that an object had from this position on, wherever that is kept. @throws StreamTruncated */
  async recordAt(position: bigint): Promise<ObjectRecord | undefined> {
    try {
      for await (const change of this.changesAfter(position - 1n)) return change.after;
    } catch (failure) {
      if (!(failure instanceof StreamTruncated) || !this.#archive) throw failure;
      const archived = this.#archive.readStream(this.#stream, position - 1n);
      for await (const change of this.#changesIn(archived)) if (change.position === position) return change.after;
      throw failure;
    }
    return undefined;
  }

  async *#changesIn(events: AsyncIterable<RecordedEvent>): AsyncGenerator<PastChange> {
    for await (const { data, revision } of events) {
      const needed = fetchKey(this.#keys, data);
      if (needed) await needed;
      const event = decodeEvent(data, this.#keys);
      if (!('object' in event)) continue;
      const { key, uid, provider, secretFields, was, object } = event;
      const position = revision + 1n;
      const record = ObjectRecord.of(object, { key, uid, position, provider, sequence: undefined, secretFields });
      yield { position, after: record, removed: event.type === 'ResourceRemoved', was: was === undefined ? undefined : BigInt(was) };
    }
  }
}
