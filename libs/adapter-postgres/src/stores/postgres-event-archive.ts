import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { EventArchive, RecordedEvent } from '#stream';
import { byteaArray, int8Array, textArray, uuidArray } from '../log/binary-array.ts';
import { Patience } from '../log/patience.ts';
import { poolOf } from '../schema/data-source.ts';

const pageEvents = 200;
const patienceMs = 5_000;

/** The archive in PostgreSQL, wherever the log is: one row per event, its text compressed. */
export class PostgresEventArchive implements EventArchive {
  readonly #pool: pg.Pool;
  readonly #patience = new Patience(patienceMs);

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async keep(events: readonly RecordedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const values = [
      int8Array(events.map(({ position }) => position)),
      textArray(events.map(({ stream }) => stream)),
      int8Array(events.map(({ revision }) => revision)),
      uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ type }) => type)),
      byteaArray(await Promise.all(events.map(({ data }) => compress(Buffer.from(data))))),
    ];
    await this.#patience.insist(() => this.#pool.query({ ...keeping, values }));
  }

  async *readStream(stream: string, from: bigint): AsyncGenerator<RecordedEvent> {
    for (let next = from; ;) {
      const page = await this.#page(streamPage, [stream, `${next}`]);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < pageEvents) return;
      next = last.revision + 1n;
    }
  }

  async *readAll(after: bigint, until = endOfLog): AsyncGenerator<readonly RecordedEvent[]> {
    for (let seen = after; ;) {
      const page = await this.#page(allPage, [`${seen}`, `${until}`]);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last || page.length < pageEvents) return;
      seen = last.position;
    }
  }

  async remove(stream: string): Promise<void> {
    await this.#patience.insist(() => this.#pool.query('DELETE FROM archived_events WHERE stream = $1', [stream]));
  }

  async #page(query: pg.QueryArrayConfig, values: readonly string[]): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<EventRow>({ ...query, values: [...values] }));
    return Promise.all(
      rows.map(async ([stream, revision, position, id, type, packed]) => ({
        id,
        type,
        data: await unpacked(packed, `the event at position ${position}, revision ${revision} of ${stream},`),
        stream,
        revision: BigInt(revision),
        position: BigInt(position),
      })),
    );
  }
}

type EventRow = [stream: string, revision: string, position: string, id: string, type: string, packed: Buffer];

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

async function unpacked(packed: Buffer, which: string): Promise<string> {
  const text = await decompress(packed).catch((cause: Error) => {
    throw new Error(`${which} cannot be unpacked from the archive: ${cause.message}`, { cause });
  });
  return text.toString();
}

/** The largest position that there can be. */
const endOfLog = 2n ** 63n - 1n;

const columns = 'stream, revision, position, id, type, packed';

const streamPage = {
  name: 'archived_stream_page',
  text: `SELECT ${columns} FROM archived_events WHERE stream = $1 AND revision >= $2 ORDER BY revision LIMIT ${pageEvents}`,
  rowMode: 'array',
} as const;

const allPage = {
  name: 'archived_page',
  text: `SELECT ${columns} FROM archived_events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${pageEvents}`,
  rowMode: 'array',
} as const;

const keeping = {
  name: 'archive_events',
  text: `
    INSERT INTO archived_events (position, stream, revision, id, type, packed)
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::bytea[])
      ON CONFLICT DO NOTHING`,
};
