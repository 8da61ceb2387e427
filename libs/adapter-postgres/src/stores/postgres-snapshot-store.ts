import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createZstdCompress, zstdDecompress } from 'node:zlib';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Snapshot, SnapshotStore } from '#stream';
import { byteaArray, int4Array, int8Array, textArray } from '../log/binary-array.ts';
import { Patience } from '../log/patience.ts';
import { poolOf } from '../schema/data-source.ts';
import { LatestWrites } from './latest-writes.ts';

/** Snapshots in PostgreSQL. Many streams are saved in one statement; it does not wait for the disk, for losing one costs time only. */
export class PostgresSnapshotStore implements SnapshotStore {
  readonly #pool: pg.Pool;
  readonly #writes: LatestWrites<Snapshot>;
  readonly #patience: Patience;

  /** `patienceMs`: how long to ask a database that went away. */
  constructor(dataSource: DataSource, patienceMs = 5_000) {
    this.#pool = poolOf(dataSource);
    this.#patience = new Patience(patienceMs);
    this.#writes = new LatestWrites((snapshots) => this.#save(snapshots));
  }

  /** @throws LogUnavailable */
  async load(stream: string): Promise<Snapshot | undefined> {
    const { rows } = await this.#patience.insist(() => this.#pool.query<SnapshotRow>({ ...loading, values: [stream] }));
    const row = rows[0];
    return row && { revision: BigInt(row.revision), shape: row.shape, text: row.text ?? (await unpacked(row.packed)) };
  }

  save(stream: string, snapshot: Snapshot): Promise<void> {
    return this.#writes.put(stream, snapshot, newer);
  }

  async remove(stream: string): Promise<void> {
    await this.#writes.idle();
    await this.#pool.query({ name: 'remove_snapshot', text: 'DELETE FROM snapshots WHERE stream = $1', values: [stream] });
  }

  async #save(snapshots: ReadonlyMap<string, Snapshot>): Promise<void> {
    const all = [...snapshots.values()];
    const packed = await Promise.all(all.map(async ({ text }) => (text.length < packedFrom ? null : packedText(text))));
    const values = [
      textArray([...snapshots.keys()]),
      int8Array(all.map(({ revision }) => revision)),
      int4Array(all.map(({ shape }) => shape)),
      textArray(all.map(({ text }, index) => (packed[index] ? null : text))),
      byteaArray(packed),
    ];
    await this.#pool.query({ ...saving, values });
  }
}

type SnapshotRow = { revision: string; shape: number; text: string | null; packed: Buffer | null };

/** In characters. PostgreSQL compresses what is shorter on the side; of longer texts it takes a second per 60 MB, in which nothing is appended. */
const packedFrom = 64 * 1024;

const decompress = promisify(zstdDecompress);

/** On a thread beside, slice by slice: to make bytes of a text of 80 MB at once would keep everybody waiting. */
async function packedText(text: string): Promise<Buffer> {
  const slices = Readable.from(slicesOf(text)).pipe(createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }));
  return Buffer.concat((await slices.toArray()) as Buffer[]);
}

const sliceCharacters = 256 * 1024;

function* slicesOf(text: string): Iterable<string> {
  for (let from = 0; from < text.length;) {
    // Never between the halves of a character.
    const to = from + sliceCharacters + Number(isHighHalf(text.charCodeAt(from + sliceCharacters - 1)));
    yield text.slice(from, to);
    from = to;
  }
}

const isHighHalf = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Of a torn one nothing: whoever reads that knows that it is not what was written, and makes it anew. */
const unpacked = async (packed: Buffer | null): Promise<string> =>
  packed
    ? decompress(packed).then(
        (text) => text.toString(),
        () => '',
      )
    : '';

/** As the statement decides between a saved one and a new one. */
function newer(waiting: Snapshot, snapshot: Snapshot): Snapshot {
  return waiting.shape === snapshot.shape && waiting.revision > snapshot.revision ? waiting : snapshot;
}

const loading = { name: 'load_snapshot', text: 'SELECT revision, shape, text, packed FROM snapshots WHERE stream = $1' };

const saving = {
  name: 'save_snapshots',
  text: `
    WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO snapshots AS kept (stream, revision, shape, text, packed)
      SELECT given.* FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::text[], $5::bytea[]) AS given, soon
      ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision, shape = excluded.shape, text = excluded.text,
        packed = excluded.packed
        WHERE kept.shape <> excluded.shape OR kept.revision <= excluded.revision`,
};
