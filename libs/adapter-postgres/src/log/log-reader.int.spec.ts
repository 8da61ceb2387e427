import { expect, it, onTestFinished, vi } from 'vitest';
import pg from 'pg';
import { noRevision } from '#stream';
import { collect, events } from '#testing/stream';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

it('looks at what it reads only, also where the log has grown since it was first read', async () => {
  const { url } = await testPostgres();
  const log = await PostgresEventLog.open({ url, soleWriter: true });
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  onTestFinished(() => admin.end());
  const append = (stream: string, count: number) =>
    log.append(stream, noRevision, events(...Array.from({ length: count }, (_, index) => `${index} ${'x'.repeat(200)}`)));
  const times = 10;
  const readTimes = async (after: bigint): Promise<void> => {
    for (let time = 0; time < times; time++) expect(await collect(log.readAll(after))).toHaveLength(10);
  };
  await append('first', 30);
  await readTimes(20n);
  await Promise.all(Array.from({ length: 20 }, (_, stream) => append(`s-${stream}`, 200)));
  await readTimes(4_020n);
  // PostgreSQL tells what a connection looked at when it ends, or much later.
  await log.close();

  const looks = `SELECT (seq_scan + idx_scan)::int AS scans, (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_user_tables WHERE relname = 'events'`;
  const looked = async () => (await admin.query<{ scans: number; rows: number }>(looks)).rows[0] ?? { scans: 0, rows: 0 };
  // Every read looks twice: a page, and whether there is more behind it.
  await vi.waitUntil(async () => (await looked()).scans >= 4 * times, { timeout: 20_000, interval: 50 });
  // The appends have looked at each of their events, too.
  expect((await looked()).rows).toBeLessThanOrEqual(4_030 + 3 * times * 10);
});
