import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { partitioner, secured } from './kafka-client.ts';
import { mayBeFenced } from './kafkajs-faults.ts';

// The hashes are those of Kafka's own test of its Java client, org.apache.kafka.common.utils.UtilsTest#testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the key %s goes to the partition that the Java client chooses', (key, hash) => {
  for (const partitions of [1, 3, 12, 100]) {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      replicas: [],
      isr: [],
      partitionErrorCode: 0,
    }));
    expect(partitioner()({ topic: 't', partitionMetadata, message: { key, value: null } })).toBe((hash & 0x7fffffff) % partitions);
  }
});

test('TLS and credentials are handed on in the words of kafkajs, and nothing where there are none', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'ada', password: 'p' } as const;
  expect(secured()).toEqual({});
  expect(secured({ tls: {} })).toEqual({ ssl: {} });
  expect(secured({ tls: { ca: 'CA', cert: 'C', key: 'K' }, sasl })).toEqual({ ssl: { ca: 'CA', cert: 'C', key: 'K' }, sasl });
});

test('codes that kafkajs does not know may mean fencing, also deep in causes; other errors do not', () => {
  const typed = (type: string) => Object.assign(new Error(type), { type });
  expect(mayBeFenced(new Error('send', { cause: typed('KAFKAJS_UNKNOWN_ERROR_CODE') }))).toBe(true);
  expect(mayBeFenced(typed('INVALID_PRODUCER_EPOCH'))).toBe(true);
  expect(mayBeFenced(typed('NOT_ENOUGH_REPLICAS'))).toBe(false);
  expect(mayBeFenced(undefined)).toBe(false);
});

test('an idle request queue sets no timer; one with something pending looks after it', () => {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(): void };
  };
  const idle = { throttleCheckTimeoutId: null, throttledUntil: -1, pending: [], checkPendingRequests: () => undefined };
  RequestQueue.prototype.scheduleCheckPendingRequests.call(idle);
  expect(idle.throttleCheckTimeoutId).toBeNull();
  const busy: { throttleCheckTimeoutId: NodeJS.Timeout | null } = { ...idle, pending: [{}] } as never;
  RequestQueue.prototype.scheduleCheckPendingRequests.call(busy as never);
  expect(busy.throttleCheckTimeoutId).not.toBeNull();
  clearTimeout(busy.throttleCheckTimeoutId ?? undefined);
});
