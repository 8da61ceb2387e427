import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { ProviderLiveness, ProviderLivenesses } from '#projection';
import { poolOf } from '../schema/data-source.ts';
import { rethrow } from './postgres-view-store.ts';

/** Which providers answer, from the view `liveness`. */
export class PostgresLiveness implements ProviderLivenesses {
  readonly #pool: pg.Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async all(providerCluster?: string): Promise<readonly ProviderLiveness[]> {
    const { rows } = await this.#pool.query<Row>(asking, [providerCluster ?? null]).catch(rethrow);
    return rows.map(({ lastReport, waiting, orderAt, orderCluster, orderUid, ...row }) => {
      const owes = orderAt !== null && orderCluster !== null && orderUid !== null;
      const silentSince = owes ? (lastReport && lastReport > orderAt ? lastReport : orderAt) : null;
      return {
        ...row,
        lastReport: lastReport?.toISOString() ?? null,
        waiting: Number(waiting),
        oldestOrder: owes ? { cluster: orderCluster, uid: orderUid, at: orderAt.toISOString() } : null,
        silentSince: silentSince?.toISOString() ?? null,
      };
    });
  }
}

type Row = Pick<ProviderLiveness, 'providerCluster' | 'providerExport'> & {
  readonly lastReport: Date | null;
  readonly waiting: string;
  readonly orderAt: Date | null;
  readonly orderCluster: string | null;
  readonly orderUid: string | null;
};

const asking = `
  SELECT "providerCluster", "providerExport", max(at) FILTER (WHERE uid = '') AS "lastReport", count(*) FILTER (WHERE uid <> '') AS waiting,
    min(at) FILTER (WHERE uid <> '') AS "orderAt",
    (array_agg(cluster ORDER BY at, cluster, uid) FILTER (WHERE uid <> ''))[1] AS "orderCluster",
    (array_agg(uid ORDER BY at, cluster, uid) FILTER (WHERE uid <> ''))[1] AS "orderUid"
  FROM liveness WHERE $1::text IS NULL OR "providerCluster" = $1
  GROUP BY "providerCluster", "providerExport" ORDER BY "providerCluster", "providerExport"`;
