import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The in-process channel to providers, compacted: the newest record of each key of each topic, in the order of `place`. */
export class CreateChannelRecords implements MigrationInterface {
  readonly name = 'CreateChannelRecords1763856000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE channel_records (
        topic text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        value text NOT NULL,
        headers json NOT NULL,
        place bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        CONSTRAINT channel_records_topic_key PRIMARY KEY (topic, key)
      )`);
    await queryRunner.query(`CREATE INDEX channel_records_topic_place ON channel_records (topic, place)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE channel_records`);
  }
}
