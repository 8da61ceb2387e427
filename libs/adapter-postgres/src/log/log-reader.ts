import type pg from 'pg';
import { noRevision, StreamTruncated, type Behind, type RecordedEvent } from '#stream';
import { Patience } from './patience.ts';
import { StreamEnds } from './stream-ends.ts';

/** What one read takes from the server at most; an event larger than that comes alone. */
const pageEventsMax = 500;
const pageBytesMax = 4_000_000;

type EventRow = [stream: string, revision: string, position: string, id: string, type: string, data: string];
/** `taken`: how many events there were to choose from; null where there are none. `first`: the oldest revision that is kept; null where there is no such stream. */
type StreamRow = [taken: string | null, first: string | null, ...event: EventRow];

/** Reads pages of events and heads. Repeats a read whose connection broke. */
export class LogReader {
  readonly #pool: pg.Pool;
  readonly #patience: Patience;
  readonly #ends: StreamEnds;

  constructor(pool: pg.Pool, patienceMs: number) {
    this.#pool = pool;
    this.#patience = new Patience(patienceMs);
    this.#ends = new StreamEnds(pool, this.#patience);
  }

  /** The events from `from` on, page by page, to the stream's end. @throws StreamTruncated, LogUnavailable */
  async *streamPages(stream: string, from: bigint, atMost = Infinity): AsyncGenerator<readonly RecordedEvent[]> {
    let left = atMost;
    for (let next = from < 0n ? 0n : from; left > 0;) {
      const limit = Math.min(left, pageEventsMax);
      const rows = await this.#rows<StreamRow>(streamPage, [stream, `${next}`, `${limit}`]);
      const [taken, first] = rows[0] ?? [];
      if (first !== undefined && first !== null && next < BigInt(first)) throw new StreamTruncated(stream, BigInt(first));
      if (taken === undefined || taken === null) return;
      const page = rows.map(([, , ...event]) => recordedOf(event));
      yield page;
      if (page.length === Number(taken) && page.length < limit) return;
      left -= page.length;
      next += BigInt(page.length);
    }
  }

  /** The events behind `after`, page by page, up to the head as of the first page or later. @throws LogUnavailable */
  async *allPages(after: bigint): AsyncGenerator<readonly RecordedEvent[]> {
    for (let seen = after; ;) {
      const page = await this.pageOfAll(seen);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      seen = last.position;
    }
  }

  pageOfAll(after: bigint): Promise<readonly RecordedEvent[]> {
    return this.#page(allPage, [`${after}`]);
  }

  /** As `pageOfAll`, without what stands at `before` or behind it. */
  pageBetween(after: bigint, before: bigint): Promise<readonly RecordedEvent[]> {
    return this.#page(betweenPage, [`${after}`, `${before}`]);
  }

  async head(stream: string): Promise<bigint> {
    return BigInt((await this.#one(streamHead, [stream]))?.[0] ?? noRevision);
  }

  behind(stream: string, revision: bigint): Promise<Behind> {
    return this.#ends.behind(stream, revision);
  }

  async headOfAll(): Promise<bigint> {
    return BigInt((await this.#one(logHead, []))?.[0] ?? 0);
  }

  async truncate(stream: string, before: bigint): Promise<void> {
    await this.#patience.insist(() => this.#pool.query({ ...truncation, values: [stream, `${before}`] }));
  }

  async #one(query: pg.QueryArrayConfig, values: readonly string[]): Promise<string[] | undefined> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<string[]>({ ...query, values: [...values] }));
    return rows[0];
  }

  async #page(query: pg.QueryArrayConfig, values: readonly string[]): Promise<readonly RecordedEvent[]> {
    return (await this.#rows<EventRow>(query, values)).map(recordedOf);
  }

  async #rows<Row extends unknown[]>(query: pg.QueryArrayConfig, values: readonly string[]): Promise<Row[]> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<Row>({ ...query, values: [...values] }));
    return rows;
  }
}

const recordedOf = ([stream, revision, position, id, type, data]: EventRow): RecordedEvent => ({
  id,
  type,
  data,
  stream,
  revision: BigInt(revision),
  position: BigInt(position),
});

/** `pg_column_size` looks at the row only: what is too much for the page is never fetched. */
const page = (which: string, order: string, { limit = `${pageEventsMax}`, taken = false } = {}): string => `
  SELECT ${taken ? 'taken, ' : ''}stream, revision, position, id, type, data
    FROM (
      SELECT *, ${taken ? 'count(*) OVER () AS taken, ' : ''}sum(pg_column_size(data)) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - pg_column_size(data) AS bytes_before
        FROM (SELECT * FROM events WHERE ${which} ORDER BY ${order} LIMIT ${limit}) AS next
    ) AS sized
   WHERE bytes_before < ${pageBytesMax}
   ORDER BY ${order}`;

/** One question, whatever there is: nearly every stream is loaded by one page, and most begin as none. */
const streamPage = {
  name: 'stream_page',
  text: `
    SELECT taken, (SELECT first FROM stream_heads WHERE stream = $1) AS first, stream, revision, position, id, type, data
      FROM (VALUES (1)) AS asked
      LEFT JOIN (${page('stream = $1 AND revision >= $2', 'revision', { limit: '$3::integer', taken: true })}) AS page ON true
     ORDER BY revision`,
  rowMode: 'array',
} as const;
const allPage = { name: 'all_page', text: page('position > $1', 'position'), rowMode: 'array' } as const;
const betweenPage = {
  name: 'between_page',
  text: page('position > $1 AND position < $2', 'position'),
  rowMode: 'array',
} as const;
const streamHead = { name: 'stream_head', text: 'SELECT revision FROM stream_heads WHERE stream = $1', rowMode: 'array' } as const;
const logHead = { name: 'log_head', text: 'SELECT position FROM log_head', rowMode: 'array' } as const;

/** Readers see the events go and `first` rise in the same moment. */
const truncation = {
  name: 'truncate_stream',
  text: `
    WITH cut AS (
      UPDATE stream_heads SET first = least($2::bigint, revision + 1)
       WHERE stream = $1 AND first < least($2::bigint, revision + 1)
       RETURNING stream, first
    )
    DELETE FROM events USING cut WHERE events.stream = cut.stream AND events.revision < cut.first`,
};
