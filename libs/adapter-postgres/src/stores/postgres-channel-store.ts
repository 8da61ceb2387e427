import type pg from 'pg';
import { int8Array, textArray } from '../log/binary-array.ts';

/** The newest message of one key of one topic. `value` is null where the key was deleted. `position` is the log's, of the event that caused it. */
export type ChannelRecord = {
  readonly topic: string;
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly sequence: string;
  readonly position: bigint;
};

/** How far the sender named `follower` has come in the log. */
export type ChannelCheckpoint = { readonly follower: string; readonly position: bigint };

/** What the in-process channel keeps, so that a start costs as much as there are keys, not as much as there was history. */
export class PostgresChannelStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Keeps the records and the checkpoint, both or neither. Of records with the same key the last stays. */
  async put(records: readonly ChannelRecord[], { follower, position }: ChannelCheckpoint): Promise<void> {
    const newest = [...new Map(records.map((record) => [JSON.stringify([record.topic, record.key]), record])).values()];
    const values = [
      textArray(newest.map(({ topic }) => topic)),
      textArray(newest.map(({ key }) => key)),
      newest.map(({ value }) => value),
      textArray(newest.map(({ headers }) => JSON.stringify(headers))),
      textArray(newest.map(({ sequence }) => sequence)),
      int8Array(newest.map((record) => record.position)),
      follower,
      `${position}`,
    ];
    await this.#pool.query({ ...putting, values });
  }

  /** The records of a topic with `position > after`, oldest first. */
  async read(topic: string, after: bigint): Promise<ChannelRecord[]> {
    const { rows } = await this.#pool.query<ChannelRow>({ ...reading, values: [topic, `${after}`] });
    return rows.map((row) => ({ ...row, position: BigInt(row.position) }));
  }

  async checkpoint(follower: string): Promise<bigint> {
    const { rows } = await this.#pool.query<{ position: string }>({ ...checkpointing, values: [follower] });
    return BigInt(rows[0]?.position ?? 0);
  }
}

type ChannelRow = Omit<ChannelRecord, 'position'> & { readonly position: string };

const putting = {
  name: 'put_channel_records',
  text: `
    WITH come AS (
      INSERT INTO checkpoints (follower, position) VALUES ($7, $8)
        ON CONFLICT (follower) DO UPDATE SET position = excluded.position
    )
    INSERT INTO channel_records (topic, key, value, headers, sequence, position)
      SELECT topic, key, value, headers::jsonb, sequence, position
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS given(topic, key, value, headers, sequence, position)
      ON CONFLICT (topic, key) DO UPDATE
        SET value = excluded.value, headers = excluded.headers, sequence = excluded.sequence, position = excluded.position`,
};

const reading = {
  name: 'read_channel_records',
  text: 'SELECT topic, key, value, headers, sequence, position FROM channel_records WHERE topic = $1 AND position > $2 ORDER BY position, key',
};

const checkpointing = { name: 'channel_checkpoint', text: 'SELECT position FROM checkpoints WHERE follower = $1' };
