import { resolve } from 'node:path';
import { logLevels } from '#telemetry';
import {
  type ListenAddress,
  type Parsed,
  brokers,
  countOf,
  eventStoreUrl,
  listenAddress,
  localAddress,
  oneOf,
  onOff,
  postgresUrl,
  secondsOf,
  topicPrefix,
  url,
} from './parse.ts';
import { memorySettings } from './memory-settings.ts';
import type { Setting } from './setting.ts';

const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;

const given = <Value>(value: Value): Parsed<Value> => ({ type: 'parsed', value });

/** Every setting of every role. `--help`, validation and the settings' types are made from this table. */
export const settingsTable = {
  dataFolder: {
    flag: 'data',
    env: 'TRIBUTARY_DATA',
    placeholder: 'FOLDER',
    fallback: '.tributary',
    parse: (text) => given(resolve(text)),
    description: 'Where the embedded database, certificates and the administrator token are kept.',
  } satisfies Setting<string>,
  listen: {
    flag: 'listen',
    env: 'TRIBUTARY_LISTEN',
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:6443',
    parse: listenAddress,
    description: 'Where the API listens. Write 0.0.0.0:6443 for every interface.',
  } satisfies Setting<ListenAddress>,
  probeListen: {
    flag: 'probe-listen',
    env: 'TRIBUTARY_PROBE_LISTEN',
    placeholder: '[HOST:]PORT',
    parse: localAddress,
    description:
      'Where a projector or bridge answers /livez, /readyz and /metrics, in clear, to whoever reaches it; without HOST on 127.0.0.1. Absent: nowhere. Whoever serves the API has these there.',
  } satisfies Setting<ListenAddress>,
  publicUrl: {
    flag: 'public-url',
    env: 'TRIBUTARY_PUBLIC_URL',
    placeholder: 'URL',
    parse: url,
    description:
      'How clients reach the API, where that differs from the address it listens on. Stands in kubeconfigs and in the certificate.',
  } satisfies Setting<string>,
  databaseUrl: {
    flag: 'database-url',
    env: 'DATABASE_URL',
    placeholder: 'URL',
    parse: postgresUrl,
    description: 'Your own PostgreSQL. Absent: one is embedded in the data folder.',
  } satisfies Setting<string>,
  eventStoreUrl: {
    flag: 'eventstore-url',
    env: 'EVENTSTORE_URL',
    placeholder: 'URL',
    parse: eventStoreUrl,
    description:
      'EventStoreDB or KurrentDB for the log, as esdb://user:password@host:2113?tls=true. Views, snapshots and keys stay in PostgreSQL (DATABASE_URL). Absent: the log is in PostgreSQL, too.',
  } satisfies Setting<string>,
  kafkaBrokers: {
    flag: 'kafka-brokers',
    env: 'KAFKA_BROKERS',
    placeholder: 'HOST:PORT,…',
    parse: brokers,
    description: 'The Kafka cluster that providers are connected to. Absent: providers run in this process, over a channel of its own.',
  } satisfies Setting<readonly string[]>,
  kafkaTls: {
    flag: 'kafka-tls',
    env: 'KAFKA_TLS',
    fallback: 'off',
    parse: onOff,
    description:
      'Speak TLS to the brokers. A certificate of theirs that no public authority signed needs KAFKA_CA. In the environment: on or off.',
  } satisfies Setting<boolean>,
  kafkaCaFile: {
    flag: 'kafka-ca',
    env: 'KAFKA_CA',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description: 'The authorities (PEM) that sign the certificates of the brokers. Switches TLS on.',
  } satisfies Setting<string>,
  kafkaCertificateFile: {
    flag: 'kafka-certificate',
    env: 'KAFKA_CERTIFICATE',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description: 'The certificate (PEM) to show to the brokers. Switches TLS on.',
  } satisfies Setting<string>,
  kafkaKeyFile: {
    flag: 'kafka-key',
    env: 'KAFKA_KEY',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description: 'The private key (PEM) of that certificate.',
  } satisfies Setting<string>,
  kafkaSasl: {
    flag: 'kafka-sasl',
    env: 'KAFKA_SASL',
    placeholder: 'MECHANISM',
    fallback: 'scram-sha-512',
    parse: oneOf(saslMechanisms),
    description: `${saslMechanisms.join(', ')}: how KAFKA_USER proves who it is.`,
  } satisfies Setting<(typeof saslMechanisms)[number]>,
  kafkaUser: {
    flag: 'kafka-user',
    env: 'KAFKA_USER',
    placeholder: 'NAME',
    parse: (text) => given(text),
    description: 'As whom to speak to the brokers. Absent: as nobody, or as the certificate says.',
  } satisfies Setting<string>,
  kafkaPasswordFile: {
    flag: 'kafka-password-file',
    env: 'KAFKA_PASSWORD_FILE',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description: 'The password of KAFKA_USER: a flag or a variable would show it to everyone on the machine.',
  } satisfies Setting<string>,
  topicPrefix: {
    flag: 'topic-prefix',
    env: 'TRIBUTARY_TOPIC_PREFIX',
    placeholder: 'PREFIX',
    fallback: 'tributary',
    parse: topicPrefix,
    description: 'What the names of all Kafka topics begin with, and of all streams in EventStoreDB.',
  } satisfies Setting<string>,
  tokenFile: {
    flag: 'token-file',
    env: 'TRIBUTARY_TOKEN_FILE',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description: 'Further users, one line each: token,user,uid,"group,group". Read again when it changes.',
  } satisfies Setting<string>,
  clientCaFile: {
    flag: 'client-ca',
    env: 'TRIBUTARY_CLIENT_CA',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description:
      'The authorities (PEM) that sign the certificates of clients: CN is the user, O are the groups. Absent: certificates/client-ca.crt in the data folder, made at the first start.',
  } satisfies Setting<string>,
  masterKeyFile: {
    flag: 'master-key-file',
    env: 'TRIBUTARY_MASTER_KEY_FILE',
    placeholder: 'FILE',
    parse: (text) => given(resolve(text)),
    description:
      'The keys that seal the keys of Secrets, the newest on the last line; made at the first start. All processes over one database need the same. Absent: master.keys in the data folder.',
  } satisfies Setting<string>,
  keptEvents: {
    flag: 'keep-events',
    env: 'TRIBUTARY_KEEP_EVENTS',
    placeholder: 'COUNT',
    parse: countOf,
    description:
      'How many of the newest events of each account stay in the log; older ones move to the archive, and watches from before draw 410. Absent, and without --keep-days: all stay.',
  } satisfies Setting<number>,
  keptDays: {
    flag: 'keep-days',
    env: 'TRIBUTARY_KEEP_DAYS',
    placeholder: 'DAYS',
    parse: countOf,
    description: 'The same by age. With both, an event stays as long as either keeps it.',
  } satisfies Setting<number>,
  readsMax: {
    flag: 'max-requests-inflight',
    env: 'TRIBUTARY_MAX_REQUESTS_INFLIGHT',
    placeholder: 'COUNT',
    fallback: '2000',
    parse: countOf,
    description: 'Reads that are answered at a time. Beyond, and beyond a fair share of them, the answer is 429.',
  } satisfies Setting<number>,
  writesMax: {
    flag: 'max-mutating-requests-inflight',
    env: 'TRIBUTARY_MAX_MUTATING_REQUESTS_INFLIGHT',
    placeholder: 'COUNT',
    fallback: '1000',
    parse: countOf,
    description: 'The same for writes.',
  } satisfies Setting<number>,
  watchesMax: {
    flag: 'max-watches',
    env: 'TRIBUTARY_MAX_WATCHES',
    placeholder: 'COUNT',
    fallback: '20000',
    parse: countOf,
    description: 'The same for watches that are open.',
  } satisfies Setting<number>,
  shutdownDelaySeconds: {
    flag: 'shutdown-delay',
    env: 'TRIBUTARY_SHUTDOWN_DELAY',
    placeholder: 'SECONDS',
    fallback: '0',
    parse: secondsOf,
    description:
      'How long /readyz says no before the server takes no more connections: as long as your load balancer takes to notice. Watches end meanwhile, a few at a time.',
  } satisfies Setting<number>,
  shutdownSecondsMax: {
    flag: 'shutdown-timeout',
    env: 'TRIBUTARY_SHUTDOWN_TIMEOUT',
    placeholder: 'SECONDS',
    fallback: '15',
    parse: secondsOf,
    description: 'How long requests that are being answered then may still take before they are cut off.',
  } satisfies Setting<number>,
  ...memorySettings,
  storeConnectionsMax: {
    flag: 'store-connections',
    env: 'TRIBUTARY_STORE_CONNECTIONS',
    placeholder: 'COUNT',
    fallback: '4',
    parse: countOf,
    description:
      'Connections to PostgreSQL for views, snapshots, keys and checkpoints, per process. The log has one more to write, and one to listen.',
  } satisfies Setting<number>,
  logConnectionsMax: {
    flag: 'log-connections',
    env: 'TRIBUTARY_LOG_CONNECTIONS',
    placeholder: 'COUNT',
    fallback: '4',
    parse: countOf,
    description: 'Connections to PostgreSQL for reading the log, per process: as many accounts are loaded at a time.',
  } satisfies Setting<number>,
  auditLog: {
    flag: 'audit-log',
    env: 'TRIBUTARY_AUDIT_LOG',
    placeholder: 'FILE',
    parse: (text) => given(text === '-' ? text : resolve(text)),
    description:
      'Where a line for each request goes (audit.k8s.io/v1), - for the standard output. It may be moved away at any time. Absent: nowhere.',
  } satisfies Setting<string>,
  auditLevel: {
    flag: 'audit-level',
    env: 'TRIBUTARY_AUDIT_LEVEL',
    placeholder: 'LEVEL',
    fallback: 'Metadata',
    parse: oneOf(auditLevels),
    description: `${auditLevels.join(', ')}: how much of a request stands in it. Secrets, ConfigMaps, tokens and kinds with fields of format password are never shown.`,
  } satisfies Setting<(typeof auditLevels)[number]>,
  webhookReach: {
    flag: 'webhook-reach',
    env: 'TRIBUTARY_WEBHOOK_REACH',
    placeholder: 'public|any',
    fallback: 'public',
    parse: oneOf(['public', 'any']),
    description: 'Where conversion webhooks, which consumers name, may be called: at public addresses, or anywhere the server can reach.',
  } satisfies Setting<'public' | 'any'>,
  logLevel: {
    flag: 'log-level',
    env: 'TRIBUTARY_LOG_LEVEL',
    placeholder: 'LEVEL',
    fallback: 'info',
    parse: oneOf(logLevels),
    description: `${logLevels.join(', ')}. At debug, every hop of an intent is one line.`,
  } satisfies Setting<(typeof logLevels)[number]>,
  graphqlPage: {
    flag: 'no-graphql-page',
    present: 'off',
    env: 'TRIBUTARY_GRAPHQL_PAGE',
    fallback: 'on',
    parse: onOff,
    description: 'Give browsers no page to ask GraphQL from. In the environment: on or off; off in the container image.',
  } satisfies Setting<boolean>,
  demo: {
    flag: 'no-demo',
    present: 'off',
    env: 'TRIBUTARY_DEMO',
    fallback: 'on',
    parse: onOff,
    description: 'Leave the demo provider out. In the environment: on or off.',
  } satisfies Setting<boolean>,
} as const;

export type SettingName = keyof typeof settingsTable;
