import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where events go that the log keeps no longer. They come compressed; few ever read them. */
export class CreateArchivedEvents implements MigrationInterface {
  readonly name = 'CreateArchivedEvents1763856000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE archived_events (
        position bigint NOT NULL CONSTRAINT archived_events_position PRIMARY KEY,
        stream text COLLATE "C" NOT NULL,
        revision bigint NOT NULL,
        id uuid NOT NULL,
        type text COLLATE "C" NOT NULL,
        packed bytea NOT NULL,
        CONSTRAINT archived_events_stream_revision UNIQUE (stream, revision)
      )`);
    await queryRunner.query(`ALTER TABLE archived_events ALTER COLUMN packed SET STORAGE EXTERNAL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE archived_events`);
  }
}
