import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Large snapshots come compressed: the server would take ten times as long for it, and for less. */
export class PackSnapshots implements MigrationInterface {
  readonly name = 'PackSnapshots1763856000005';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE snapshots ADD COLUMN packed bytea, ALTER COLUMN text DROP NOT NULL`);
    await queryRunner.query(`ALTER TABLE snapshots ALTER COLUMN packed SET STORAGE EXTERNAL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM snapshots WHERE text IS NULL`);
    await queryRunner.query(`ALTER TABLE snapshots DROP COLUMN packed, ALTER COLUMN text SET NOT NULL`);
  }
}
