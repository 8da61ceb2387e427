import { onTestFinished } from 'vitest';
import { eventLogContract } from '#testing/stream';
import { startStandIn } from '../../../test/stand-ins/eventstoredb/stand-in.ts';
import { EventStoreEventLog } from './event-store-event-log.ts';

const traits = { positions: 'growing', forgets: 'when cleaned' } as const;
const ownPrefix = (): string => `spec-${crypto.randomUUID()}.`;

eventLogContract(
  'EventStoreEventLog, on the stand-in,',
  async () => {
    const standIn = await startStandIn();
    onTestFinished(() => standIn.stop());
    const log = await EventStoreEventLog.open({ url: standIn.url, prefix: ownPrefix() });
    return { log, close: () => log.close() };
  },
  traits,
);

const server = process.env['EVENTSTORE_URL'];
if (server !== undefined)
  eventLogContract(
    'EventStoreEventLog, on the server at EVENTSTORE_URL,',
    async () => {
      const log = await EventStoreEventLog.open({ url: server, prefix: ownPrefix() });
      return { log, close: () => log.close() };
    },
    { ...traits, takesMegabytes: process.env['EVENTSTORE_TAKES_MEGABYTES'] === 'true' },
  );
