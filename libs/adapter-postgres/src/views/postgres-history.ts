import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { HistoryIndex, HistoryQuery } from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';

/** Where the histories of objects end: of what is gone in the view `history`, of what is there in the view `resources`. */
export class PostgresHistory implements HistoryIndex {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async lives({ cluster, key }: Pick<HistoryQuery, 'cluster' | 'key'>, below?: bigint): Promise<readonly bigint[]> {
    const { group, resource, namespace, name } = key;
    const values = [cluster, group, resource, namespace, name, below === undefined ? null : `${below}`];
    const { rows } = await this.#pool.query<{ revision: string }>({ ...asking, values }).catch(rethrow);
    return rows.map(({ revision }) => BigInt(revision));
  }
}

const place = 'cluster = $1 AND "group" = $2 AND resource = $3 AND namespace = $4 AND name = $5';

/** A resourceVersion is the revision and one. */
const asking = {
  name: 'object_lives',
  text: `
    WITH live AS (SELECT "resourceVersion"::bigint - 1 AS revision FROM resources WHERE ${place} AND "resourceVersion" ~ '^[0-9]+$')
    (SELECT min(revision) AS revision FROM (SELECT revision FROM history WHERE ${place} UNION SELECT revision FROM live) lives
      WHERE revision >= $6::bigint HAVING count(*) > 0)
    UNION
    (SELECT revision FROM history WHERE ${place} AND ($6::bigint IS NULL OR revision < $6::bigint) ORDER BY revision DESC LIMIT 998)
    UNION
    SELECT revision FROM live WHERE $6::bigint IS NULL OR revision < $6::bigint
    ORDER BY revision DESC`,
};
