import type { EventStoreEventLog } from '#adapter-eventstoredb';
import type { Logger } from '#telemetry';

/** Its client takes some 10 MB of memory, and time at the start, of those only who have such a log. */
export async function openEventStoreLog(url: string, topicPrefix: string, logger: Logger): Promise<EventStoreEventLog> {
  const adapter = await import('#adapter-eventstoredb');
  return adapter.EventStoreEventLog.open({ url, prefix: `${topicPrefix}.`, log: logger });
}
