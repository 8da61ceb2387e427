import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { HistoryIndex, HistoryQuery, HistoryRow } from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';

const limitMax = 200;

/** The changes of objects, from the view `history`. */
export class PostgresHistory implements HistoryIndex {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async entries({ cluster, key, from, to, below, limit }: HistoryQuery): Promise<readonly HistoryRow[]> {
    const text = `${selecting} AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at <= $7)
      AND ($8::bigint IS NULL OR revision < $8) ORDER BY revision DESC LIMIT $9`;
    const bounds = [from ?? null, to ?? null, below === undefined ? null : `${below}`, Math.min(Math.max(Math.trunc(limit), 1), limitMax)];
    const { rows } = await this.#pool.query<Row>(text, [...valuesOf(cluster, key), ...bounds]).catch(rethrow);
    return rows.map(rowOf);
  }

  async entryAt({ cluster, key }: Pick<HistoryQuery, 'cluster' | 'key'>, moment: string | bigint): Promise<HistoryRow | undefined> {
    const condition = typeof moment === 'bigint' ? 'revision <= $6::bigint' : 'at <= $6::timestamptz';
    const text = `${selecting} AND ${condition} ORDER BY revision DESC LIMIT 1`;
    const { rows } = await this.#pool.query<Row>(text, [...valuesOf(cluster, key), `${moment}`]).catch(rethrow);
    return rows[0] && rowOf(rows[0]);
  }
}

const selecting = `
  SELECT cluster, "group", resource, namespace, name, revision, position, uid, type, was, generation, to_json(at AT TIME ZONE 'UTC') #>> '{}' AS at,
    "user", impersonator, "userAgent", "fieldManager", cause
  FROM history WHERE cluster = $1 AND "group" = $2 AND resource = $3 AND namespace = $4 AND name = $5`;

const valuesOf = (cluster: string, { group, resource, namespace, name }: HistoryQuery['key']): string[] => [
  cluster,
  group,
  resource,
  namespace,
  name,
];

type Row = Omit<HistoryRow, 'revision' | 'position' | 'was' | 'generation'> &
  Readonly<Record<'revision' | 'position', string>> &
  Readonly<Record<'was' | 'generation', string | null>>;

const rowOf = (row: Row): HistoryRow => ({
  ...row,
  revision: BigInt(row.revision),
  position: BigInt(row.position),
  was: row.was === null ? null : BigInt(row.was),
  generation: row.generation === null ? null : Number(row.generation),
  at: new Date(`${row.at}Z`).toISOString(),
});
