import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSettings, publicUrlOf, type Settings } from './parse-settings.ts';
import { settingsTable } from './settings-table.ts';

function settled(argv: string[], env: Record<string, string> = {}): Settings {
  const outcome = parseSettings(argv, env);
  if (outcome.type !== 'settings') throw new Error(JSON.stringify(outcome));
  return outcome.settings;
}

test('nothing given means the embedded defaults', () => {
  expect(settled([])).toEqual({
    dataFolder: resolve('.tributary'),
    listen: { host: '127.0.0.1', port: 6443 },
    publicUrl: undefined,
    databaseUrl: undefined,
    eventStoreUrl: undefined,
    kafkaBrokers: undefined,
    topicPrefix: 'tributary',
    tokenFile: undefined,
    clientCaFile: undefined,
    masterKeyFile: undefined,
    readsMax: 2000,
    writesMax: 1000,
    shutdownDelaySeconds: 0,
    shutdownSecondsMax: 15,
    accountsLoadedMax: 2000,
    accountIdleSeconds: 30,
    recentChangesMegabytes: 24,
    storeConnectionsMax: 4,
    logConnectionsMax: 4,
    kafkaTls: false,
    kafkaCaFile: undefined,
    kafkaCertificateFile: undefined,
    kafkaKeyFile: undefined,
    kafkaSasl: 'scram-sha-512',
    kafkaUser: undefined,
    kafkaPasswordFile: undefined,
    watchesMax: 20000,
    webhookReach: 'public',
    auditLog: undefined,
    auditLevel: 'Metadata',
    graphqlPage: true,
    logLevel: 'info',
    demo: true,
  });
});

test('the environment is read, a flag wins over it, and an empty variable counts as absent', () => {
  const env = {
    TRIBUTARY_LISTEN: '[::1]:7000',
    TRIBUTARY_LOG_LEVEL: 'debug',
    KAFKA_BROKERS: 'a:9092, b:9093',
    DATABASE_URL: '',
    TRIBUTARY_DEMO: 'off',
  };
  expect(settled(['--log-level', 'warn'], env)).toMatchObject({
    listen: { host: '::1', port: 7000 },
    logLevel: 'warn',
    kafkaBrokers: ['a:9092', 'b:9093'],
    databaseUrl: undefined,
    demo: false,
  });
  expect(settled(['--no-demo', '--listen=0.0.0.0:0'])).toMatchObject({ demo: false, listen: { host: '0.0.0.0', port: 0 } });
});

describe('a wrong setting is named', () => {
  test.each([
    ['TRIBUTARY_LISTEN', '6443'],
    ['TRIBUTARY_LISTEN', 'localhost:70000'],
    ['TRIBUTARY_LISTEN', '::1:6443'],
    ['TRIBUTARY_PUBLIC_URL', 'http://tributary.example'],
    ['TRIBUTARY_PUBLIC_URL', 'https://user:secret@tributary.example'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['KAFKA_BROKERS', 'localhost'],
    ['KAFKA_BROKERS', 'a:9092,'],
    ['TRIBUTARY_TOPIC_PREFIX', 'a b'],
    ['TRIBUTARY_MAX_WATCHES', '0'],
    ['TRIBUTARY_MAX_REQUESTS_INFLIGHT', '-1'],
    ['TRIBUTARY_AUDIT_LEVEL', 'all'],
    ['TRIBUTARY_LOG_LEVEL', 'loud'],
    ['TRIBUTARY_DEMO', 'maybe'],
    ['EVENTSTORE_URL', 'http://localhost:2113'],
  ])('%s=%s', (name, text) => {
    const outcome = parseSettings([], { [name]: text });
    expect(outcome).toEqual({ type: 'refused', problems: [expect.stringMatching(`^${name} must`)] });
  });

  test('all of them at once, by the name they were given under', () => {
    const outcome = parseSettings(['--log-level', 'loud'], { TRIBUTARY_LISTEN: 'x' });
    expect(outcome).toMatchObject({
      type: 'refused',
      problems: [expect.stringMatching(/^TRIBUTARY_LISTEN /), expect.stringMatching(/^--log-level /)],
    });
  });

  test('unknown flags and missing values', () => {
    expect(parseSettings(['--lisen', 'x'], {})).toMatchObject({ type: 'refused', problems: [expect.stringContaining("'--lisen'")] });
    expect(parseSettings(['--listen'], {})).toMatchObject({ type: 'refused', problems: [expect.stringContaining('--listen')] });
    expect(parseSettings(['stray'], {})).toMatchObject({ type: 'refused', problems: [expect.stringContaining('stray')] });
  });

  test('a password is not repeated', () => {
    expect(JSON.stringify(parseSettings([], { DATABASE_URL: 'mysql://me:s3cret@localhost/x' }))).not.toContain('s3cret');
    expect(JSON.stringify(parseSettings([], { EVENTSTORE_URL: 'http://me:s3cret@localhost' }))).not.toContain('s3cret');
  });

  test('what a role cannot do without', () => {
    expect(parseSettings([], {}, { required: ['databaseUrl'] })).toEqual({ type: 'refused', problems: ['DATABASE_URL must be set'] });
  });
});

test('a variable that only looks like a setting is warned of', () => {
  expect(parseSettings([], { TRIBUTARY_TOKENFILE: 'x' })).toMatchObject({
    type: 'settings',
    warnings: [expect.stringContaining('TRIBUTARY_TOKENFILE')],
  });
});

test('--help lists every setting, its variable and its default', () => {
  const outcome = parseSettings(['--help'], { TRIBUTARY_LISTEN: 'wrong' });
  if (outcome.type !== 'help') throw new Error(outcome.type);
  for (const { flag, env } of Object.values(settingsTable)) {
    expect(outcome.text).toContain(`--${flag}`);
    expect(outcome.text).toContain(env);
  }
  expect(outcome.text).toContain('(default: 127.0.0.1:6443)');
});

test('the public URL follows the listening address, with a loopback for the unspecified ones', () => {
  expect(publicUrlOf(settled([]))).toBe('https://127.0.0.1:6443');
  expect(publicUrlOf(settled(['--listen', '0.0.0.0:0']), 7001)).toBe('https://127.0.0.1:7001');
  expect(publicUrlOf(settled(['--listen', '[::]:1']))).toBe('https://[::1]:1');
  expect(publicUrlOf(settled(['--public-url', 'https://mesh.example/']))).toBe('https://mesh.example');
});
