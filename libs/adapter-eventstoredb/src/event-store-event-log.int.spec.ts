import { afterAll, beforeAll } from 'vitest';
import { eventLogContract } from '#testing/stream';
import { startStandIn, type StandIn } from '../../../test/stand-ins/eventstoredb/stand-in.ts';
import { EventStoreEventLog } from './event-store-event-log.ts';

const traits = { positions: 'growing', forgets: 'when cleaned' } as const;

/** One server for all specs, as a real one would be: what others have written to it stands between. */
async function opened(url: string) {
  const log = await EventStoreEventLog.open({ url, prefix: `spec-${crypto.randomUUID()}.` });
  return { log, close: () => log.close() };
}

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ tls: true, user: { name: 'me', password: 's3cret' } });
});
afterAll(() => standIn.stop());

eventLogContract('EventStoreEventLog, on the stand-in,', () => opened(standIn.url), traits);

const server = process.env['EVENTSTORE_URL'];
if (server !== undefined)
  eventLogContract('EventStoreEventLog, on the server at EVENTSTORE_URL,', () => opened(server), {
    ...traits,
    takesMegabytes: process.env['EVENTSTORE_TAKES_MEGABYTES'] === 'true',
  });
