import { deadLetterTopic, parseTopic, type WireRecord } from '#provider-sdk';
import type { ParkedRecord, StatusRecord } from './channel.ts';

/** A parked report as it stands in the dead letter topic: as it arrived, with headers that say from where and why. */
export function deadLetter(prefix: string, { record, reason, attempts }: ParkedRecord): WireRecord {
  return {
    topic: deadLetterTopic(prefix, parseTopic(prefix, record.topic)?.export ?? 'unknown'),
    key: record.key,
    value: record.value ?? '',
    headers: {
      ...record.headers,
      'x-error': reason.slice(0, 2048),
      'x-original-topic': record.topic,
      'x-original-partition': String(record.partition),
      'x-original-offset': record.offset,
      'x-attempts': String(attempts),
    },
  };
}

/** Says in the dead letter topic that a key is no longer parked. */
export function clearedLetter(prefix: string, parked: ParkedRecord): WireRecord {
  const letter = deadLetter(prefix, parked);
  return { ...letter, value: null, headers: { 'x-original-topic': parked.record.topic } };
}

/** The newest parked report per key, out of the dead letters in their order. What never had a key cannot be replayed and is left out. */
export function stillParked(letters: Iterable<WireRecord>): ParkedRecord[] {
  const newest = new Map<string, ParkedRecord>();
  for (const { key, value, headers } of letters) {
    const topic = headers['x-original-topic'];
    if (key === null || !topic) continue;
    if (value === null) newest.delete(parkingKey(topic, key));
    else newest.set(parkingKey(topic, key), readLetter({ topic, key, value, headers }));
  }
  return [...newest.values()];
}

/** Keys are parked per topic: what one provider sends under a stranger's key must not stop the stranger's own reports. */
export const parkingKey = (topic: string, key: string): string => `${topic} ${key}`;

function readLetter({ topic, key, value, headers }: WireRecord): ParkedRecord {
  const { 'x-error': reason = '', 'x-original-partition': partition, 'x-original-offset': offset = '0', 'x-attempts': attempts } = headers;
  const own = Object.entries(headers).filter(([name]) => !letterHeaders.has(name));
  const record: StatusRecord = { topic, key, value, headers: Object.fromEntries(own), partition: Number(partition), offset };
  return { record, reason, attempts: Number(attempts) };
}

const letterHeaders = new Set(['x-error', 'x-original-topic', 'x-original-partition', 'x-original-offset', 'x-attempts']);
