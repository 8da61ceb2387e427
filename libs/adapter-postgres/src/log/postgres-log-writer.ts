import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { RecordedEvent } from '#stream';
import type { LogWriter } from '#upkeep';
import { poolOf } from '../schema/data-source.ts';
import { assertUuid, int8Array, textArray, uuidArray } from './binary-array.ts';

const eventsAtOnce = 2_000;

/**
 * Puts events into empty tables: at the very positions that they had where the log before counted them, as this one does, else counted from 1.
 * Nobody else may append meanwhile.
 */
export class PostgresLogWriter implements LogWriter {
  readonly #pool: pg.Pool;
  readonly #places = new Map<string, { readonly first: bigint; last: bigint }>();
  readonly keepsPositions: boolean;
  #position = 0n;

  constructor(dataSource: DataSource, positions: 'counted' | 'growing') {
    this.#pool = poolOf(dataSource);
    this.keepsPositions = positions === 'counted';
  }

  async write(events: readonly RecordedEvent[]): Promise<readonly bigint[]> {
    const placed = this.keepsPositions
      ? events
      : events.map((event, index) => ({ ...event, position: this.#position + BigInt(index) + 1n }));
    for (let from = 0; from < placed.length; from += eventsAtOnce) await this.#insert(placed.slice(from, from + eventsAtOnce));
    return placed.map(({ position }) => position);
  }

  async finish(heads: ReadonlyMap<string, bigint>): Promise<void> {
    for (const [stream, last] of heads) if (!this.#places.has(stream)) this.#places.set(stream, { first: last + 1n, last });
    const places = [...this.#places];
    const values = [
      textArray(places.map(([stream]) => stream)),
      int8Array(places.map(([, { last }]) => last)),
      int8Array(places.map(([, { first }]) => first)),
      `${this.#position}`,
    ];
    // The log's head moves last and together with all others: what was cut short before is no log.
    await this.#pool.query(finishing, values);
    await this.#pool.query('ANALYZE events, stream_heads');
  }

  async #insert(events: readonly RecordedEvent[]): Promise<void> {
    for (const { id, stream, revision, position } of events) {
      assertUuid(id);
      const place = this.#places.get(stream);
      if (place) place.last = revision;
      else this.#places.set(stream, { first: revision, last: revision });
      this.#position = position;
    }
    const values = [
      textArray(events.map(({ stream }) => stream)),
      int8Array(events.map(({ revision }) => revision)),
      int8Array(events.map(({ position }) => position)),
      uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ type }) => type)),
      textArray(events.map(({ data }) => data)),
    ];
    await this.#pool.query({ ...inserting, values });
  }
}

const inserting = {
  name: 'restore_events',
  text: `
    INSERT INTO events (stream, revision, position, id, type, data)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::text[])`,
};

const finishing = `
  WITH heads AS (
    INSERT INTO stream_heads (stream, revision, first) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
  )
  UPDATE log_head SET position = $4::bigint`;
