import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { ViewsUnavailable, type HistoryIndex, type HistoryQuery, type ViewPositions } from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';

const patienceMs = 5_000;

/** Where the histories of objects end: of what is gone in the view `history`, of what is there in the view `resources`. */
export class PostgresHistory implements HistoryIndex {
  readonly #pool: pg.Pool;
  readonly #positions: Pick<ViewPositions, 'reached'>;

  constructor(dataSource: DataSource, positions: Pick<ViewPositions, 'reached'>) {
    this.#pool = poolOf(dataSource);
    this.#positions = positions;
  }

  async lives(place: Place, below?: bigint): Promise<readonly bigint[]> {
    const seen = await this.#seen(place, below);
    if (seen.history >= seen.resources) return seen.revisions;
    // What `resources` shows no longer may not stand in `history` yet: it does when that has come as far.
    const reached = await this.#positions.reached('history', seen.resources, patienceMs);
    if (reached.type === 'behind') throw new ViewsUnavailable(new Error(`the view history stands at ${reached.position}`));
    return together(seen.revisions, (await this.#seen(place, below)).revisions, below);
  }

  async #seen({ cluster, key }: Place, below: bigint | undefined): Promise<Seen> {
    const { group, resource, namespace, name } = key;
    const values = [cluster, group, resource, namespace, name, below === undefined ? null : `${below}`];
    const { rows } = await this.#pool.query<SeenRow>({ ...asking, values }).catch(rethrow);
    const { history = null, resources = null, revisions = [] } = rows[0] ?? {};
    return { history: BigInt(history ?? 0), resources: BigInt(resources ?? 0), revisions: revisions.map(BigInt) };
  }
}

type Place = Pick<HistoryQuery, 'cluster' | 'key'>;
/** How far each view was, and the ends of lives, as of one moment. */
type Seen = { readonly history: bigint; readonly resources: bigint; readonly revisions: readonly bigint[] };
type SeenRow = { readonly history: string | null; readonly resources: string | null; readonly revisions: readonly string[] };

/** Newest first. Of one life, an earlier moment may have told an earlier end; of those at or above `below`, only the first counts. */
function together(earlier: readonly bigint[], later: readonly bigint[], below: bigint | undefined): readonly bigint[] {
  const all = [...new Set([...earlier, ...later])].sort((a, b) => (a > b ? -1 : 1));
  const beyond = below === undefined ? [] : all.filter((revision) => revision >= below);
  return beyond.length > 1 ? all.slice(beyond.length - 1) : all;
}

const place = 'cluster = $1 AND "group" = $2 AND resource = $3 AND namespace = $4 AND name = $5';

/** A resourceVersion is the revision and one. */
const asking = {
  name: 'object_lives',
  text: `
    WITH live AS (SELECT "resourceVersion"::bigint - 1 AS revision FROM resources WHERE ${place} AND "resourceVersion" ~ '^[0-9]+$')
    SELECT
      (SELECT position FROM view_states WHERE view = 'history') AS history,
      (SELECT position FROM view_states WHERE view = 'resources') AS resources,
      ARRAY(
        (SELECT min(revision) AS revision FROM (SELECT revision FROM history WHERE ${place} UNION SELECT revision FROM live) lives
          WHERE revision >= $6::bigint HAVING count(*) > 0)
        UNION
        (SELECT revision FROM history WHERE ${place} AND ($6::bigint IS NULL OR revision < $6::bigint) ORDER BY revision DESC LIMIT 998)
        UNION
        SELECT revision FROM live WHERE $6::bigint IS NULL OR revision < $6::bigint
        ORDER BY revision DESC
      )::text[] AS revisions`,
};
