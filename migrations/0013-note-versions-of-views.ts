import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version of its definition has made a view's rows: where it is another one now, they are made anew. */
export class NoteVersionsOfViews implements MigrationInterface {
  readonly name = 'NoteVersionsOfViews1763856000013';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE view_states ADD COLUMN version integer NOT NULL DEFAULT 1');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE view_states DROP COLUMN version');
  }
}
