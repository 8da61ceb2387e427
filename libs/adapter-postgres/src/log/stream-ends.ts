import type pg from 'pg';
import type { Behind, RecordedEvent } from '#stream';
import { int8Array, textArray } from './binary-array.ts';
import type { Patience } from './patience.ts';

/** What comes with the answer where a stream goes on; who is farther behind, or meets larger events, reads pages. */
const eventsMax = 8;
const bytesMax = 16_384;

type Asked = { readonly revision: bigint; readonly resolve: (behind: Behind) => void; readonly reject: (failure: unknown) => void };

/** `revision` and what follows it are null where no event comes along. */
type Row = [stream: string, head: string, revision: string | null, position: string, id: string, type: string, data: string];

type End = { head: bigint; readonly events: RecordedEvent[] };

/**
 * Where streams end. What is asked while a look is under way is looked up together, by the next one: reads of many accounts cost one
 * question at a time, and each answer is as of a moment after its question. Streams that have not gone on are not even answered.
 */
export class StreamEnds {
  readonly #pool: pg.Pool;
  readonly #patience: Patience;
  #asked = new Map<string, Asked[]>();
  #looking = false;

  constructor(pool: pg.Pool, patience: Patience) {
    this.#pool = pool;
    this.#patience = patience;
  }

  /** @throws LogUnavailable */
  behind(stream: string, revision: bigint): Promise<Behind> {
    return new Promise((resolve, reject) => {
      const asked = this.#asked.get(stream);
      if (asked) asked.push({ revision, resolve, reject });
      else this.#asked.set(stream, [{ revision, resolve, reject }]);
      if (this.#looking) return;
      this.#looking = true;
      // Whoever else asks in this turn of the event loop comes along.
      setImmediate(() => void this.#look());
    });
  }

  async #look(): Promise<void> {
    while (this.#asked.size > 0) {
      const asked = this.#asked;
      this.#asked = new Map();
      try {
        const ends = await this.#read([...asked].map(([stream, all]) => ({ stream, after: leastOf(all) })));
        for (const [stream, all] of asked) for (const { revision, resolve } of all) resolve(behind(ends.get(stream), revision));
      } catch (failure) {
        for (const all of asked.values()) for (const { reject } of all) reject(failure);
      }
    }
    this.#looking = false;
  }

  async #read(asked: readonly { readonly stream: string; readonly after: bigint }[]): Promise<ReadonlyMap<string, End>> {
    const values = [textArray(asked.map(({ stream }) => stream)), int8Array(asked.map(({ after }) => after))];
    const { rows } = await this.#patience.insist(() => this.#pool.query<Row>({ ...query, values }));
    const ends = new Map<string, End>();
    for (const [stream, head, revision, position, id, type, data] of rows) {
      let end = ends.get(stream);
      if (!end) ends.set(stream, (end = { head: BigInt(head), events: [] }));
      if (revision !== null) end.events.push({ id, type, data, stream, revision: BigInt(revision), position: BigInt(position) });
    }
    return ends;
  }
}

function leastOf(asked: readonly Asked[]): bigint {
  return asked.reduce((least, { revision }) => (revision < least ? revision : least), asked[0]?.revision ?? 0n);
}

/** Those behind the revision, up to the first that is missing: it was too long, or is gone. */
function behind(end: End | undefined, revision: bigint): Behind {
  if (!end || end.head <= revision) return { head: revision, events: [] };
  const news = end.events.filter((event) => event.revision > revision);
  const gap = news.findIndex((event, index) => event.revision !== revision + BigInt(index) + 1n);
  return { head: end.head, events: gap < 0 ? news : news.slice(0, gap) };
}

/** `LIMIT 1` and the lateral joins leave the planner no choice but to look up each stream by its key. */
const query = {
  name: 'stream_ends',
  text: `
    SELECT a.stream, h.revision AS head, e.revision, e.position, e.id, e.type, e.data
      FROM unnest($1::text[], $2::bigint[]) AS a(stream, after)
     CROSS JOIN LATERAL (SELECT s.revision FROM stream_heads s WHERE s.stream = a.stream AND s.revision > a.after LIMIT 1) AS h
      LEFT JOIN LATERAL (
        SELECT n.* FROM events n
         WHERE n.stream = a.stream AND n.revision > a.after AND pg_column_size(n.data) < ${bytesMax}
         ORDER BY n.revision LIMIT ${eventsMax}
      ) AS e ON true
     ORDER BY e.revision`,
  rowMode: 'array',
} as const;
