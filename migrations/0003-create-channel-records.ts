import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The in-process channel to providers, compacted: the newest record of each key of each topic. */
export class CreateChannelRecords implements MigrationInterface {
  readonly name = 'CreateChannelRecords1763856000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE channel_records (
        topic text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        value text,
        headers jsonb NOT NULL,
        sequence text NOT NULL,
        position bigint NOT NULL,
        CONSTRAINT channel_records_topic_key PRIMARY KEY (topic, key)
      )`);
    await queryRunner.query(`CREATE INDEX channel_records_topic_position ON channel_records (topic, position)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE channel_records`);
  }
}
