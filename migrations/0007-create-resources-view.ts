import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each view is and who may write it, and the view of all objects of all workspaces. */
export class CreateResourcesView implements MigrationInterface {
  readonly name = 'CreateResourcesView1763856000007';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE view_states (
        view text COLLATE "C" NOT NULL CONSTRAINT view_states_view PRIMARY KEY,
        position bigint NOT NULL,
        epoch bigint NOT NULL,
        failure text
      ) WITH (fillfactor = 20)`);
    await queryRunner.query(`
      INSERT INTO view_states (view, position, epoch) SELECT substr(follower, 6), position, 0 FROM checkpoints WHERE follower LIKE 'view %'`);
    await queryRunner.query(`DELETE FROM checkpoints WHERE follower LIKE 'view %'`);
    // Most changes are of status: room on the pages keeps those out of the indexes.
    await queryRunner.query(`
      CREATE TABLE resources (
        cluster text COLLATE "C" NOT NULL,
        "group" text COLLATE "C" NOT NULL,
        resource text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        uid text COLLATE "C" NOT NULL,
        "resourceVersion" text COLLATE "C" NOT NULL,
        position bigint NOT NULL,
        created timestamptz,
        deleting timestamptz,
        generation bigint,
        creator text COLLATE "C" NOT NULL DEFAULT '',
        owners text[] NOT NULL,
        labels jsonb NOT NULL,
        "providerCluster" text COLLATE "C",
        "providerExport" text COLLATE "C",
        ready text COLLATE "C",
        health text COLLATE "C" NOT NULL,
        turn text COLLATE "C",
        since timestamptz,
        reason text NOT NULL,
        object jsonb NOT NULL,
        words tsvector NOT NULL DEFAULT '',
        CONSTRAINT resources_object PRIMARY KEY (cluster, "group", resource, namespace, name)
      ) WITH (fillfactor = 80)`);
    await queryRunner.query(`CREATE INDEX resources_kind ON resources (resource, "group", name)`);
    await queryRunner.query(`CREATE INDEX resources_labels ON resources USING gin (labels)`);
    await queryRunner.query(`CREATE INDEX resources_words ON resources USING gin (words)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `INSERT INTO checkpoints (follower, position) SELECT 'view ' || view, position FROM view_states WHERE view <> 'resources'`,
    );
    await queryRunner.query(`DROP TABLE resources, view_states`);
  }
}
