import { binaryEvent, NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import { LogUnavailable, noRevision } from '#stream';
import type { AppendResult, NewEvent, RecordedEvent } from '#stream';
import type { LogClient } from './log-client.ts';
import type { Patience } from './patience.ts';
import type { StreamNames } from './recorded.ts';
import type { StreamReader } from './stream-reader.ts';

type Append = { readonly stream: string; readonly expected: bigint; readonly events: readonly NewEvent[] };

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Appends, each with the revision that it expects. An attempt without an answer is repeated as it was: same ids, same revision. The server
 * recognises it by these, and answers as the first time.
 */
export class Appender {
  readonly #client: LogClient;
  readonly #names: StreamNames;
  readonly #patience: Patience;
  readonly #reader: StreamReader;
  /** The last append of each stream that is under way: calls may overtake one another, appends to one stream may not. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(client: LogClient, names: StreamNames, patience: Patience, reader: StreamReader) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
    this.#reader = reader;
  }

  async append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    if (events.length === 0) throw new RangeError('an append holds at least one event');
    const bad = events.find(({ id }) => !uuid.test(id));
    if (bad) throw new RangeError(`the id of an event must be a UUID, not ${JSON.stringify(bad.id)}`);
    const before = this.#underWay.get(stream);
    const mine = (before ?? Promise.resolve()).then(() => this.#commit({ stream, expected, events }));
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(stream, settled);
    try {
      return await mine;
    } finally {
      if (this.#underWay.get(stream) === settled) this.#underWay.delete(stream);
    }
  }

  async #commit(append: Append): Promise<AppendResult> {
    const { stream, expected, events } = append;
    const proposed = events.map(({ id, type, data }) => binaryEvent({ id, type, data: Buffer.from(data, 'utf8') }));
    const options = {
      expectedRevision: expected === noRevision ? NO_STREAM : expected,
      deadline: this.#patience.attemptMs,
      requiresLeader: true,
    } as const;
    let attempts = 0;
    try {
      const { nextExpectedRevision: revision, position } = await this.#patience.insist(() => {
        attempts += 1;
        return this.#client.appendToStream(this.#names.kept(stream), proposed, options);
      });
      if (revision !== expected + BigInt(events.length))
        throw new LogUnavailable(`stream ${stream} was deleted in the server, which must not be done: it goes on at revision ${revision}`);
      // Of an append that it only recognises, a server does not always tell the place.
      return { type: 'appended', revision, position: position?.commit ?? (await this.#positionOf(append, revision)) };
    } catch (failure) {
      if (!(failure instanceof WrongExpectedVersionError)) throw failure;
      // An earlier attempt may have been kept after all, where the server could not tell yet.
      const kept = attempts > 1 ? await this.#keptBefore(append) : undefined;
      if (kept) return { type: 'appended', revision: kept.revision, position: kept.position };
      return { type: 'conflict', head: typeof failure.actualVersion === 'bigint' ? failure.actualVersion : noRevision };
    }
  }

  async #keptBefore({ stream, expected, events }: Append): Promise<RecordedEvent | undefined> {
    let index = 0;
    for await (const batch of this.#reader.batches(stream, expected + 1n)) {
      for (const recorded of batch) {
        if (recorded.id !== events[index]?.id.toLowerCase()) return undefined;
        index += 1;
        if (index === events.length) return recorded;
      }
    }
    return undefined;
  }

  async #positionOf({ stream }: Append, revision: bigint): Promise<bigint> {
    for await (const [recorded] of this.#reader.batches(stream, revision)) if (recorded) return recorded.position;
    throw new TypeError(`event ${revision} of ${stream} was appended and cannot be read`);
  }
}
