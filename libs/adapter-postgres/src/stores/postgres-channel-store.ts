import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { CheckpointLost, type ChannelCheckpoint, type ChannelStore } from '#bridge';
import { poolOf } from '../schema/data-source.ts';
import { textArray } from '../log/binary-array.ts';

type WireRecord = Parameters<ChannelStore['put']>[0][number];
type KeyedRecord = WireRecord & { readonly key: string };

const pageRecords = 500;

/** What the in-process channel keeps, in PostgreSQL: a start costs as much as there are keys, not as much as there was history. */
export class PostgresChannelStore implements ChannelStore {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async put(records: readonly WireRecord[], checkpoint?: ChannelCheckpoint): Promise<void> {
    const kept = newestOfEach(records);
    const follower = checkpoint ? [checkpoint.name, `${checkpoint.position}`, `${checkpoint.after ?? 0n}`] : [null, null, null];
    if (kept.length === 0) {
      if (checkpoint) await this.#note(passing, follower, checkpoint);
      return;
    }
    const values = [
      textArray(kept.map(({ topic }) => topic)),
      textArray(kept.map(({ key }) => key)),
      textArray(kept.map(({ value }) => value)),
      textArray(kept.map(({ headers }) => JSON.stringify(headers))),
      ...follower,
    ];
    if (checkpoint) await this.#note(carrying, values, checkpoint);
    else await this.#pool.query({ ...putting, values });
  }

  async #note(
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[],
    checkpoint: ChannelCheckpoint,
  ): Promise<void> {
    const { rows } = await this.#pool.query({ ...statement, values: [...values] });
    if (rows.length === 0) throw new CheckpointLost(checkpoint.name, checkpoint.after ?? 0n);
  }

  async *read(topic: string): AsyncGenerator<WireRecord> {
    for (let after = '0'; ;) {
      const { rows } = await this.#pool.query<WireRecord & { place: string }>({ ...reading, values: [topic, after] });
      for (const { place, ...record } of rows) {
        yield record;
        after = place;
      }
      if (rows.length < pageRecords) return;
    }
  }

  async forget(account: string): Promise<void> {
    // A dead letter's key is behind the name of its topic.
    await this.#pool.query(`DELETE FROM channel_records WHERE starts_with(key, $1) OR position(' ' || $1 IN key) > 0`, [`${account}/`]);
  }

  async checkpoint(name: string): Promise<bigint> {
    const { rows } = await this.#pool.query<{ position: string }>({ ...checkpointing, values: [name] });
    return BigInt(rows[0]?.position ?? 0);
  }
}

/** In the order in which they were put last. */
function newestOfEach(records: readonly WireRecord[]): KeyedRecord[] {
  const newest = new Map<string, KeyedRecord>();
  for (const record of records) {
    if (record.key === null) continue;
    // A topic's name has no NUL.
    const name = `${record.topic}\0${record.key}`;
    newest.delete(name);
    newest.set(name, { ...record, key: record.key });
  }
  return [...newest.values()];
}

const putting = { name: 'put_channel_records', text: put('') };

// What goes with a checkpoint is lost in a crash together with it, and then carried again from the log: the disk need not be waited for.
const soon = `soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`;

const carrying = { name: 'carry_channel_records', text: put(soon) };

function put(soon: string): string {
  return `
    WITH ${soon && `${soon}, `}given AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS g(topic, key, value, headers, ord)
    ), come AS (
      ${soon ? moving('$5', '$6', '$7') : 'SELECT 1 WHERE $5::text IS NULL AND $6::text IS NULL AND $7::text IS NULL'}
    ), removed AS (
      DELETE FROM channel_records r USING given, come WHERE given.value IS NULL AND r.topic = given.topic AND r.key = given.key
    ), kept AS (
      INSERT INTO channel_records (topic, key, value, headers)
        SELECT topic, key, value, headers::json FROM given, come WHERE value IS NOT NULL ORDER BY ord
        ON CONFLICT (topic, key) DO UPDATE SET value = excluded.value, headers = excluded.headers, place = DEFAULT
    )
    SELECT 1 FROM come${soon && ', soon'}`;
}

const passing = {
  name: 'pass_channel_checkpoint',
  text: `
    WITH ${soon}, come AS (${moving('$1', '$2', '$3')}) SELECT 1 FROM come, soon`,
};

/** Gives a row where the checkpoint stands at `after`, or further. One that is not there stands at 0. */
function moving(name: string, position: string, after: string): string {
  return `INSERT INTO checkpoints (follower, position)
        SELECT ${name}::text, ${position}::bigint
         WHERE ${after}::bigint = 0 OR EXISTS (SELECT FROM checkpoints WHERE follower = ${name})
        ON CONFLICT (follower) DO UPDATE SET position = excluded.position WHERE checkpoints.position >= ${after}::bigint
        RETURNING 1`;
}

const reading = {
  name: 'read_channel_records',
  text: `SELECT topic, key, value, headers, place FROM channel_records WHERE topic = $1 AND place > $2 ORDER BY place LIMIT ${pageRecords}`,
};

const checkpointing = { name: 'channel_checkpoint', text: 'SELECT position FROM checkpoints WHERE follower = $1' };
