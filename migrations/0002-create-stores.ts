import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What followers and actors remember: snapshots of streams, and how far each follower of the log has come. */
export class CreateStores implements MigrationInterface {
  readonly name = 'CreateStores1763856000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE snapshots (
        stream text COLLATE "C" NOT NULL CONSTRAINT snapshots_stream PRIMARY KEY,
        revision bigint NOT NULL,
        shape integer NOT NULL,
        text text NOT NULL
      )`);
    await queryRunner.query(`
      CREATE TABLE checkpoints (
        follower text COLLATE "C" NOT NULL CONSTRAINT checkpoints_follower PRIMARY KEY,
        position bigint NOT NULL
      ) WITH (fillfactor = 20)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE checkpoints, snapshots`);
  }
}
