import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { whyRefused } from './explaining-kafka.ts';
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

test('a refusal is explained by the settings, deep in causes, without the password; other failures are left as they are', () => {
  const security = { tls: { ca: 'CA' }, sasl: { mechanism: 'plain', username: 'ada', password: 'secret' } } as const;
  const failure = (fields: object) => new Error('retries exceeded', { cause: Object.assign(new Error('failed'), fields) });
  const refused = whyRefused(failure({ name: 'KafkaJSSASLAuthenticationError' }), security);
  expect(refused).toContain('refuse KAFKA_USER ada (plain)');
  expect(refused).not.toContain('secret');
  const stranger = failure({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect(whyRefused(stranger, security)).toContain('KAFKA_CA does not hold');
  expect(whyRefused(stranger, { tls: {} })).toContain('KAFKA_CA must hold');
  expect(whyRefused(failure({ code: 'CERT_HAS_EXPIRED' }), security)).toContain('has expired');
  expect(whyRefused(failure({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), security)).toContain('not for the names in KAFKA_BROKERS');
  expect(whyRefused(failure({ code: 'ECONNREFUSED' }), security)).toBeUndefined();
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
