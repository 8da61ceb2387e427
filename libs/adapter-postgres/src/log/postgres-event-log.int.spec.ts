import { eventLogContract } from '#testing/stream';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

eventLogContract('PostgresEventLog', async () => {
  const { url } = await testPostgres();
  const log = await PostgresEventLog.open({ url });
  return { log, close: () => log.close() };
});
