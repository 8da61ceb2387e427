import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const plain = {
  kafkaTls: false,
  kafkaCaFile: undefined,
  kafkaCertificateFile: undefined,
  kafkaKeyFile: undefined,
  kafkaSasl: 'scram-sha-512',
  kafkaUser: undefined,
  kafkaPasswordFile: undefined,
};

test('brokers are enough, and a flag wins over its variable', () => {
  expect(readSettings([], { KAFKA_BROKERS: 'a:9092, [::1]:9093' })).toEqual({
    type: 'settings',
    settings: { brokers: ['a:9092', '[::1]:9093'], topicPrefix: 'tributary', logLevel: 'info', ...plain },
  });
  const env = { KAFKA_BROKERS: 'a:1', TRIBUTARY_TOPIC_PREFIX: 'x', TRIBUTARY_LOG_LEVEL: '' };
  expect(readSettings(['--kafka-brokers', 'b:2', '--log-level', 'debug'], env)).toEqual({
    type: 'settings',
    settings: { brokers: ['b:2'], topicPrefix: 'x', logLevel: 'debug', ...plain },
  });
});

test('brokers are spoken to as the mesh speaks to them, by flags or by variables of the same names', () => {
  const files = { KAFKA_CA: 'ca.pem', KAFKA_CERTIFICATE: 'c.pem', KAFKA_KEY: 'c.key', KAFKA_PASSWORD_FILE: 'password' };
  const secured = {
    kafkaTls: true,
    kafkaCaFile: 'ca.pem',
    kafkaCertificateFile: 'c.pem',
    kafkaKeyFile: 'c.key',
    kafkaSasl: 'plain',
    kafkaUser: 'ada',
    kafkaPasswordFile: 'password',
  };
  const env = { KAFKA_BROKERS: 'a:1', KAFKA_TLS: 'on', KAFKA_SASL: 'plain', KAFKA_USER: 'ada', ...files };
  expect(readSettings([], env)).toMatchObject({ type: 'settings', settings: secured });
  const flags = Object.entries(files).flatMap(([name, file]) => [`--${name.toLowerCase().replaceAll('_', '-')}`, file]);
  const argv = ['--kafka-brokers', 'a:1', '--kafka-tls', '--kafka-sasl', 'plain', '--kafka-user', 'ada', ...flags];
  expect(readSettings(argv, {})).toMatchObject({ type: 'settings', settings: secured });
});

test.each([
  [[], { KAFKA_BROKERS: 'a:1', KAFKA_TLS: 'maybe' }, 'KAFKA_TLS (--kafka-tls): "maybe" is none of on, off'],
  [['--kafka-sasl', 'gssapi'], { KAFKA_BROKERS: 'a:1' }, '"gssapi" is none of plain'],
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
