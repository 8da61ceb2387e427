import type pg from 'pg';
import { StreamTruncated } from '#stream';
import type { RecordedEvent } from '#stream';
import { Patience } from './patience.ts';
import { StreamHeads } from './stream-heads.ts';

/** What one read takes from the server at most; an event larger than that comes alone. */
const pageEventsMax = 500;
const pageBytesMax = 4_000_000;

type EventRow = [stream: string, revision: string, position: string, id: string, type: string, data: string];

/** Reads pages of events and heads. Repeats a read whose connection broke. */
export class LogReader {
  readonly #pool: pg.Pool;
  readonly #patience: Patience;
  readonly #heads: StreamHeads;

  constructor(pool: pg.Pool, patienceMs: number) {
    this.#pool = pool;
    this.#patience = new Patience(patienceMs);
    this.#heads = new StreamHeads(pool, this.#patience);
  }

  /** The events from `from` on, page by page, to the stream's end. @throws StreamTruncated, LogUnavailable */
  async *streamPages(stream: string, from: bigint): AsyncGenerator<readonly RecordedEvent[]> {
    for (let next = from < 0n ? 0n : from; ;) {
      const page = await this.#page(streamPage, [stream, `${next}`]);
      if (page[0]?.revision !== next) await this.#assertKept(stream, next);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      next = last.revision + 1n;
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

  head(stream: string): Promise<bigint> {
    return this.#heads.of(stream);
  }

  async headOfAll(): Promise<bigint> {
    return BigInt((await this.#one(logHead, []))?.[0] ?? 0);
  }

  async truncate(stream: string, before: bigint): Promise<void> {
    await this.#patience.insist(() => this.#pool.query({ ...truncation, values: [stream, `${before}`] }));
  }

  async #assertKept(stream: string, from: bigint): Promise<void> {
    const first = BigInt((await this.#one(streamFirst, [stream]))?.[0] ?? 0);
    if (from < first) throw new StreamTruncated(stream, first);
  }

  async #one(query: pg.QueryArrayConfig, values: readonly string[]): Promise<string[] | undefined> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<string[]>({ ...query, values: [...values] }));
    return rows[0];
  }

  async #page(query: pg.QueryArrayConfig, values: readonly string[]): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<EventRow>({ ...query, values: [...values] }));
    return rows.map(([stream, revision, position, id, type, data]) => ({
      id,
      type,
      data,
      stream,
      revision: BigInt(revision),
      position: BigInt(position),
    }));
  }
}

/** `pg_column_size` looks at the row only: what is too much for the page is never fetched. */
const page = (which: string, order: string): string => `
  SELECT stream, revision, position, id, type, data
    FROM (
      SELECT *, sum(pg_column_size(data)) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - pg_column_size(data) AS bytes_before
        FROM (SELECT * FROM events WHERE ${which} ORDER BY ${order} LIMIT ${pageEventsMax}) AS next
    ) AS sized
   WHERE bytes_before < ${pageBytesMax}
   ORDER BY ${order}`;

const streamPage = { name: 'stream_page', text: page('stream = $1 AND revision >= $2', 'revision'), rowMode: 'array' } as const;
const allPage = { name: 'all_page', text: page('position > $1', 'position'), rowMode: 'array' } as const;
const betweenPage = {
  name: 'between_page',
  text: page('position > $1 AND position < $2', 'position'),
  rowMode: 'array',
} as const;
const streamFirst = { name: 'stream_first', text: 'SELECT first FROM stream_heads WHERE stream = $1', rowMode: 'array' } as const;
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
