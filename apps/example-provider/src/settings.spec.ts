import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('brokers are enough, and a flag wins over its variable', () => {
  expect(readSettings([], { KAFKA_BROKERS: 'a:9092, [::1]:9093' })).toEqual({
    type: 'settings',
    settings: { brokers: ['a:9092', '[::1]:9093'], topicPrefix: 'tributary', logLevel: 'info' },
  });
  const env = { KAFKA_BROKERS: 'a:1', TRIBUTARY_TOPIC_PREFIX: 'x', TRIBUTARY_LOG_LEVEL: '' };
  expect(readSettings(['--kafka-brokers', 'b:2', '--log-level', 'debug'], env)).toEqual({
    type: 'settings',
    settings: { brokers: ['b:2'], topicPrefix: 'x', logLevel: 'debug' },
  });
});

test.each([
  [[], {}, 'KAFKA_BROKERS'],
  [[], { KAFKA_BROKERS: 'a' }, '"a" is not host:port'],
  [[], { KAFKA_BROKERS: 'a:70000' }, '"a:70000" is not host:port'],
  [['--topic-prefix', 'a b'], { KAFKA_BROKERS: 'a:1' }, 'TRIBUTARY_TOPIC_PREFIX'],
  [['--log-level', 'loud'], { KAFKA_BROKERS: 'a:1' }, '"loud" is none of debug'],
  [['--unknown'], { KAFKA_BROKERS: 'a:1' }, '--unknown'],
])('%j with %j is refused, and the message names what is wrong', (argv, env, message) => {
  const outcome = readSettings(argv, env);
  expect(outcome.type === 'wrong' ? outcome.messages.join() : outcome.type).toContain(message);
});

test('help needs nothing else', () => {
  expect(readSettings(['--help'], {})).toMatchObject({ type: 'help', text: expect.stringContaining('KAFKA_BROKERS') });
});
