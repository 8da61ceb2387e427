import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { CheckpointStore } from '#stream';
import { int8Array, textArray } from '../log/binary-array.ts';
import { poolOf } from '../schema/data-source.ts';
import { LatestWrites } from './latest-writes.ts';

/** Checkpoints in PostgreSQL. A flood of saves becomes a few statements, which do not wait for the disk: a follower repeats what it did since. */
export class PostgresCheckpointStore implements CheckpointStore {
  readonly #pool: pg.Pool;
  readonly #writes: LatestWrites<bigint>;

  constructor(dataSource: DataSource) {
    const pool = poolOf(dataSource);
    this.#pool = pool;
    this.#writes = new LatestWrites((positions) =>
      pool.query({ ...saving, values: [textArray([...positions.keys()]), int8Array([...positions.values()])] }),
    );
  }

  async load(follower: string): Promise<bigint> {
    const { rows } = await this.#pool.query<{ position: string }>({ ...loading, values: [follower] });
    return BigInt(rows[0]?.position ?? 0);
  }

  save(follower: string, position: bigint): Promise<void> {
    return this.#writes.put(follower, position);
  }

  async lowest(followers: readonly string[]): Promise<bigint> {
    await this.#writes.idle();
    const { rows } = await this.#pool.query<{ position: string }>({ ...comparing, values: [textArray(followers)] });
    return BigInt(rows[0]?.position ?? 0);
  }
}

const loading = { name: 'load_checkpoint', text: 'SELECT position FROM checkpoints WHERE follower = $1' };

// What was never saved stands at 0.
const comparing = {
  name: 'lowest_checkpoint',
  text: `
    SELECT least(
      (SELECT min(coalesce(kept.position, 0)) FROM unnest($1::text[]) AS asked(follower) LEFT JOIN checkpoints kept USING (follower)),
      (SELECT min(position) FROM view_states)
    ) AS position`,
};

const saving = {
  name: 'save_checkpoints',
  text: `
    WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO checkpoints (follower, position)
      SELECT given.* FROM unnest($1::text[], $2::bigint[]) AS given, soon
      ON CONFLICT (follower) DO UPDATE SET position = excluded.position`,
};
