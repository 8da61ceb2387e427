import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { parseJson } from '#json';
import type { Health, KubeObject } from '#kube';
import type {
  ClustersFound,
  FoundResource,
  KindInCluster,
  KindsFound,
  ResourceOrder,
  ResourcePage,
  ResourcePaging,
  ResourceQuery,
  ResourceSearch,
  ResourceSortKey,
} from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';
import { conditionsOf, Parameters } from './resource-conditions.ts';

/** Finds objects of all workspaces in the view `resources`. */
export class PostgresResources implements ResourceSearch {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async find(query: ResourceQuery, { order = { by: 'name' }, limit, after }: ResourcePaging): Promise<ResourcePage> {
    const cursor = after === undefined ? undefined : readCursor(after, order);
    if (cursor === 'malformed') return { type: 'refused', message: 'the page that is asked for is none of this order' };
    const parameters = new Parameters();
    const conditions = [conditionsOf(query, parameters)];
    const { expression, type } = sortColumns[order.by];
    if (cursor) {
      const places = cursor.map((place, index) => parameters.add(place, index === 0 ? type : 'text'));
      conditions.push(`(${expression}, ${tie.join()}) ${order.descending ? '<' : '>'} (${places.join()})`);
    }
    const direction = order.descending ? 'DESC' : 'ASC';
    const size = Math.min(Math.max(Math.trunc(limit), 1), limitMax);
    const text = `
      SELECT ${shown}, ${expression}::text AS sorted FROM (
        SELECT r.* FROM resources r WHERE ${conditions.join(' AND ')}
        ORDER BY ${[expression, ...tie].map((column) => `${column} ${direction}`).join()} LIMIT ${size + 1}
      ) r LEFT JOIN workspaces w ON w.cluster = r.cluster
      ORDER BY ${[expression, ...tie].map((column) => `${column} ${direction}`).join()}`;
    const { rows } = await this.#pool.query<Row>(text, parameters.values).catch(rethrow);
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const found = page.map(foundIn);
    return rows.length > size && last ? { type: 'page', found, next: cursorBehind(last, order) } : { type: 'page', found };
  }

  async clusters(query: Omit<ResourceQuery, 'clusters'>, path: string, limit: number): Promise<ClustersFound> {
    const parameters = new Parameters();
    const conditions = conditionsOf({ ...query, clusters: 'all' }, parameters);
    const [at, below] = [parameters.add(path, 'text'), parameters.add(`${path}:`, 'text')];
    const text = `
      SELECT w.cluster FROM workspaces w WHERE (w.path = ${at} OR starts_with(w.path, ${below}))
        AND EXISTS (SELECT 1 FROM resources r WHERE r.cluster = w.cluster AND ${conditions})
      ORDER BY w.cluster LIMIT ${Math.max(1, Math.trunc(limit)) + 1}`;
    const { rows } = await this.#pool.query<{ cluster: string }>(text, parameters.values).catch(rethrow);
    const clusters = rows.map(({ cluster }) => cluster);
    return { clusters: clusters.slice(0, limit), more: clusters.length > limit };
  }

  async kinds(query: ResourceQuery, limit: number): Promise<KindsFound> {
    const parameters = new Parameters();
    const text = `
      SELECT DISTINCT r.cluster, r."group", r.resource FROM resources r WHERE ${conditionsOf(query, parameters)}
      ORDER BY r.cluster, r."group", r.resource LIMIT ${Math.max(1, Math.trunc(limit)) + 1}`;
    const { rows } = await this.#pool.query<KindInCluster>(text, parameters.values).catch(rethrow);
    return { kinds: rows.slice(0, limit), more: rows.length > limit };
  }

  async count(query: ResourceQuery): Promise<number> {
    const parameters = new Parameters();
    const text = `SELECT count(*) AS count FROM resources r WHERE ${conditionsOf(query, parameters)}`;
    const { rows } = await this.#pool.query<{ count: string }>(text, parameters.values).catch(rethrow);
    return Number(rows[0]?.count ?? 0);
  }
}

const limitMax = 1_000;
const noTime = `'epoch'::timestamptz`;

const sortColumns: Readonly<Record<ResourceSortKey, { readonly expression: string; readonly type: string }>> = {
  name: { expression: 'r.name', type: 'text' },
  kind: { expression: 'r.kind', type: 'text' },
  namespace: { expression: 'r.namespace', type: 'text' },
  cluster: { expression: 'r.cluster', type: 'text' },
  creator: { expression: 'r.creator', type: 'text' },
  health: { expression: 'r.health', type: 'text' },
  created: { expression: `coalesce(r.created, ${noTime})`, type: 'timestamptz' },
  since: { expression: `coalesce(r.since, ${noTime})`, type: 'timestamptz' },
};

/** What every order ends with, so that no two objects are equal in it. */
const tie = ['r.cluster', 'r."group"', 'r.resource', 'r.namespace', 'r.name'] as const;

const shown = `r.cluster, w.path, r."group", r.resource, r.namespace, r.name, r.kind, r.uid, r.creator, r.ready, r."providerCluster", r."providerExport",
  r.health, r.turn, to_json(r.since) #>> '{}' AS since, r.reason, r.object::text AS object`;

type Row = Omit<FoundResource, 'health' | 'object'> & {
  readonly health: Health['word'];
  readonly turn: Health['turn'];
  readonly since: string | null;
  readonly reason: string;
  readonly object: string;
  readonly sorted: string;
};

function foundIn({ health, turn, since, reason, object, sorted: _, ...row }: Row): FoundResource {
  const whole: Health = { word: health, turn, since: since === null ? null : new Date(since).toISOString(), reason };
  return { ...row, health: whole, object: parseJson(object) as KubeObject };
}

function cursorBehind(row: Row, { by, descending = false }: ResourceOrder): string {
  return Buffer.from(JSON.stringify([by, descending, row.sorted, row.cluster, row.group, row.resource, row.namespace, row.name])).toString(
    'base64url',
  );
}

/** The places of the last object of the page before. */
function readCursor(text: string, { by, descending = false }: ResourceOrder): readonly string[] | 'malformed' {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(read) || read.length !== tie.length + 3 || read[0] !== by || read[1] !== descending) return 'malformed';
    const places: readonly unknown[] = read.slice(2);
    const [sorted] = places;
    if (!places.every((place) => typeof place === 'string')) return 'malformed';
    return sortColumns[by].type === 'timestamptz' && Number.isNaN(Date.parse(String(sorted))) ? 'malformed' : places;
  } catch {
    return 'malformed';
  }
}
