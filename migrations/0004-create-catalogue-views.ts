import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Views: which workspaces there are, and what providers offer in theirs. */
export class CreateCatalogueViews implements MigrationInterface {
  readonly name = 'CreateCatalogueViews1763856000004';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE workspaces (
        cluster text COLLATE "C" NOT NULL CONSTRAINT workspaces_cluster PRIMARY KEY,
        path text COLLATE "C" NOT NULL,
        parent text COLLATE "C",
        closing boolean NOT NULL,
        position bigint NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX workspaces_path ON workspaces (path)`);
    await queryRunner.query(`
      CREATE TABLE catalogue (
        cluster text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        uid text NOT NULL,
        object text NOT NULL,
        position bigint NOT NULL,
        CONSTRAINT catalogue_cluster_kind_name PRIMARY KEY (cluster, kind, name)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE catalogue, workspaces`);
  }
}
