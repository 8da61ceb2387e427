import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Streams of events, their heads, and the one counter that orders them all. */
export class CreateEventLog implements MigrationInterface {
  readonly name = 'CreateEventLog1763856000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE events (
        stream text COLLATE "C" NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        data text NOT NULL,
        CONSTRAINT events_stream_revision PRIMARY KEY (stream, revision),
        CONSTRAINT events_position UNIQUE (position)
      )`);
    // Heads change with every append: room on their pages keeps those changes out of the index.
    await queryRunner.query(`
      CREATE TABLE stream_heads (
        stream text COLLATE "C" NOT NULL CONSTRAINT stream_heads_stream PRIMARY KEY,
        revision bigint NOT NULL,
        first bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 60)`);
    await queryRunner.query(`
      CREATE TABLE log_head (
        alone boolean NOT NULL DEFAULT true CONSTRAINT log_head_alone PRIMARY KEY CHECK (alone),
        position bigint NOT NULL
      ) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)`);
    await queryRunner.query(`INSERT INTO log_head (position) VALUES (0)`);
    await queryRunner.query(appendEvents);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP FUNCTION append_events`);
    await queryRunner.query(`DROP TABLE log_head, stream_heads, events`);
  }
}

/**
 * Appends to many streams in one statement. The arrays `streams`, `expected` and `counts` have one entry per append (each
 * stream at most once), the others one per event, in the order of the appends. Answers one row per append, in order:
 * `appended` false means a conflict, and `revision` is then the stream's head.
 *
 * The counter's row is locked first, so that all appends of all processes are decided one after the other, and each statement
 * behind that lock sees what the one before has committed. Thus positions have no gaps, and appear in order.
 */
const appendEvents = `
  CREATE FUNCTION append_events(streams text[], expected bigint[], counts integer[], owners integer[], ids uuid[], types text[], texts text[])
  RETURNS TABLE (appended boolean, revision bigint, "position" bigint)
  LANGUAGE plpgsql AS $function$
  #variable_conflict use_column
  DECLARE
    last bigint;
    written bigint;
    placed_at bigint[];
    heads bigint[];
  BEGIN
    SELECT l.position INTO STRICT last FROM log_head l FOR UPDATE;

    SELECT array_agg(judged.head ORDER BY judged.ord),
           array_agg(CASE WHEN judged.fits THEN last + judged.before ELSE -1 END ORDER BY judged.ord),
           coalesce(sum(judged.count) FILTER (WHERE judged.fits), 0)
      INTO heads, placed_at, written
      FROM (
        SELECT a.ord, a.count, coalesce(h.revision, -1) AS head, coalesce(h.revision, -1) = a.expected AS fits,
               sum(CASE WHEN coalesce(h.revision, -1) = a.expected THEN a.count ELSE 0 END) OVER (ORDER BY a.ord ROWS UNBOUNDED PRECEDING)
                 - CASE WHEN coalesce(h.revision, -1) = a.expected THEN a.count ELSE 0 END AS before
          FROM unnest(streams, expected, counts) WITH ORDINALITY AS a(stream, expected, count, ord)
          LEFT JOIN LATERAL (SELECT s.revision FROM stream_heads s WHERE s.stream = a.stream LIMIT 1) h ON true
      ) judged;

    IF written > 0 THEN
      INSERT INTO events (stream, revision, position, id, type, data)
        SELECT streams[e.owner], expected[e.owner] + e.nth, placed_at[e.owner] + e.nth, e.id, e.type, e.data
          FROM (
            SELECT o.*, row_number() OVER (PARTITION BY o.owner ORDER BY o.ord) AS nth
              FROM unnest(owners, ids, types, texts) WITH ORDINALITY AS o(owner, id, type, data, ord)
          ) e
         WHERE placed_at[e.owner] >= 0;

      INSERT INTO stream_heads AS s (stream, revision)
        SELECT a.stream, a.expected + a.count
          FROM unnest(streams, expected, counts, placed_at) AS a(stream, expected, count, placed)
         WHERE a.placed >= 0
        ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision;

      UPDATE log_head SET position = last + written;
      PERFORM pg_notify('tributary_log', (last + written)::text);
    END IF;

    -- What does not fit may be the retry of an append that was committed while its answer was lost.
    RETURN QUERY
      SELECT a.placed >= 0 OR retried.position IS NOT NULL,
             CASE WHEN a.placed >= 0 OR retried.position IS NOT NULL THEN a.expected + a.count ELSE a.head END,
             CASE WHEN a.placed >= 0 THEN a.placed + a.count ELSE retried.position END
        FROM unnest(streams, expected, counts, placed_at, heads) WITH ORDINALITY AS a(stream, expected, count, placed, head, ord)
        LEFT JOIN LATERAL (
          SELECT max(e.position) AS position
            FROM (SELECT o.id, row_number() OVER (ORDER BY o.ord) AS nth
                    FROM unnest(owners, ids) WITH ORDINALITY AS o(owner, id, ord) WHERE o.owner = a.ord) asked
            JOIN events e ON e.stream = a.stream AND e.revision = a.expected + asked.nth AND e.id = asked.id
          HAVING count(*) = a.count
        ) retried ON a.placed < 0 AND a.head >= a.expected + a.count
       ORDER BY a.ord;
  END
  $function$`;
