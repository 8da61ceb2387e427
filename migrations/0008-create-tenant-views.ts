import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Views: accounts, bindings, where the histories of objects end that are gone, and which providers keep whom waiting. */
export class CreateTenantViews implements MigrationInterface {
  readonly name = 'CreateTenantViews1763856000008';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE accounts (
        cluster text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        type text COLLATE "C" NOT NULL,
        "displayName" text NOT NULL,
        creator text COLLATE "C" NOT NULL,
        "workspaceCluster" text COLLATE "C",
        "workspacePath" text COLLATE "C",
        health text COLLATE "C" NOT NULL,
        reason text NOT NULL,
        created timestamptz,
        deleting timestamptz,
        position bigint NOT NULL,
        CONSTRAINT accounts_cluster_name PRIMARY KEY (cluster, name)
      )`);
    await queryRunner.query(`CREATE INDEX accounts_workspace ON accounts ("workspaceCluster")`);
    await queryRunner.query(`
      CREATE TABLE bindings (
        cluster text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        "exportPath" text COLLATE "C" NOT NULL,
        "exportName" text COLLATE "C" NOT NULL,
        "exportCluster" text COLLATE "C",
        phase text COLLATE "C" NOT NULL,
        resources jsonb NOT NULL,
        health text COLLATE "C" NOT NULL,
        reason text NOT NULL,
        created timestamptz,
        deleting timestamptz,
        position bigint NOT NULL,
        CONSTRAINT bindings_cluster_name PRIMARY KEY (cluster, name)
      )`);
    await queryRunner.query(`CREATE INDEX bindings_export ON bindings ("exportCluster", "exportName")`);
    await queryRunner.query(`
      CREATE TABLE history (
        cluster text COLLATE "C" NOT NULL,
        "group" text COLLATE "C" NOT NULL,
        resource text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        CONSTRAINT history_object_revision PRIMARY KEY (cluster, "group", resource, namespace, name, revision)
      )`);
    await queryRunner.query(`
      CREATE TABLE liveness (
        "providerCluster" text COLLATE "C" NOT NULL,
        "providerExport" text COLLATE "C" NOT NULL,
        cluster text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        at timestamptz NOT NULL,
        position bigint NOT NULL,
        CONSTRAINT liveness_export_order PRIMARY KEY ("providerCluster", "providerExport", cluster, uid)
      ) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE liveness, history, bindings, accounts`);
    await queryRunner.query(`DELETE FROM view_states WHERE view IN ('liveness', 'history', 'bindings', 'accounts')`);
  }
}
