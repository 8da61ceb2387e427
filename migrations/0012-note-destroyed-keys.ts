import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose keys were destroyed: a copy of the keys from before must not bring them back. */
export class NoteDestroyedKeys implements MigrationInterface {
  readonly name = 'NoteDestroyedKeys1763856000012';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE destroyed_keys (
        account text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        CONSTRAINT destroyed_keys_account_uid PRIMARY KEY (account, uid)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE destroyed_keys`);
  }
}
