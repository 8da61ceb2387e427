import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Snapshot, SnapshotStore } from '#stream';
import { int4Array, int8Array, textArray } from '../log/binary-array.ts';
import { poolOf } from '../schema/data-source.ts';
import { LatestWrites } from './latest-writes.ts';

/** Snapshots in PostgreSQL. Many streams are saved in one statement; it does not wait for the disk, for losing one costs time only. */
export class PostgresSnapshotStore implements SnapshotStore {
  readonly #pool: pg.Pool;
  readonly #writes: LatestWrites<Snapshot>;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
    this.#writes = new LatestWrites((snapshots) => this.#save(snapshots));
  }

  async load(stream: string): Promise<Snapshot | undefined> {
    const { rows } = await this.#pool.query<{ revision: string; shape: number; text: string }>({ ...loading, values: [stream] });
    const row = rows[0];
    return row && { revision: BigInt(row.revision), shape: row.shape, text: row.text };
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
    const values = [
      textArray([...snapshots.keys()]),
      int8Array(all.map(({ revision }) => revision)),
      int4Array(all.map(({ shape }) => shape)),
      textArray(all.map(({ text }) => text)),
    ];
    await this.#pool.query({ ...saving, values });
  }
}

/** As the statement decides between a saved one and a new one. */
function newer(waiting: Snapshot, snapshot: Snapshot): Snapshot {
  return waiting.shape === snapshot.shape && waiting.revision > snapshot.revision ? waiting : snapshot;
}

const loading = { name: 'load_snapshot', text: 'SELECT revision, shape, text FROM snapshots WHERE stream = $1' };

const saving = {
  name: 'save_snapshots',
  text: `
    WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO snapshots AS kept (stream, revision, shape, text)
      SELECT given.* FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::text[]) AS given, soon
      ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision, shape = excluded.shape, text = excluded.text
        WHERE kept.shape <> excluded.shape OR kept.revision <= excluded.revision`,
};
