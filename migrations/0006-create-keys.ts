import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys of what is sealed in the log, each sealed itself with a master key that stands in no table. */
export class CreateKeys implements MigrationInterface {
  readonly name = 'CreateKeys1763856000006';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE keys (
        account text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        master_key text COLLATE "C" NOT NULL,
        wrapped text NOT NULL,
        CONSTRAINT keys_account_uid PRIMARY KEY (account, uid)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE keys`);
  }
}
