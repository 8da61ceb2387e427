import { parseArgs } from 'node:util';
import type { KafkaSecuritySettings } from '#adapter-kafka';

export type ProviderSettings = KafkaSecuritySettings & {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly sequenceFile: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

export type SettingsOutcome =
  | { readonly type: 'settings'; readonly settings: ProviderSettings }
  | { readonly type: 'help'; readonly text: string }
  /** One line per setting that is wrong, naming it. */
  | { readonly type: 'wrong'; readonly messages: readonly string[] };

type Flag = keyof typeof table;
type Environment = Readonly<Record<string, string | undefined>>;

/** A flag wins over its variable; an empty variable counts as absent. */
export function readSettings(argv: readonly string[], env: Environment): SettingsOutcome {
  const flags = readFlags(argv);
  if (typeof flags === 'string') return { type: 'wrong', messages: [flags] };
  if (flags['help'] === true) return { type: 'help', text: helpText() };
  const text = (flag: Flag): string | undefined => {
    const given = flags[flag];
    return given === true ? 'on' : (given ?? (env[table[flag].env] || undefined));
  };
  const messages: string[] = [];
  const wrong = (flag: Flag, problem: string): void => void messages.push(`${table[flag].env} (--${flag}): ${problem}`);
  const oneOf = <Word extends string>(flag: Flag, fallback: Word, words: readonly Word[]): Word => {
    const word = words.find((known) => known === (text(flag) ?? fallback));
    if (!word) wrong(flag, `"${text(flag)}" is none of ${words.join(', ')}`);
    return word ?? fallback;
  };

  const brokers = (text('kafka-brokers') ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  if (brokers.length === 0) wrong('kafka-brokers', 'is needed, for example 127.0.0.1:9092');
  for (const broker of brokers) if (!isBroker(broker)) wrong('kafka-brokers', `"${broker}" is not host:port`);
  const topicPrefix = text('topic-prefix') ?? 'tributary';
  if (!/^[a-zA-Z0-9._-]{1,64}$/.test(topicPrefix))
    wrong('topic-prefix', `"${topicPrefix}" is not up to 64 letters, digits, dots, dashes or underscores`);
  const settings = {
    brokers,
    topicPrefix,
    sequenceFile: text('sequence-file'),
    logLevel: oneOf('log-level', 'info', levels),
    kafkaTls: oneOf('kafka-tls', 'off', ['on', 'off']) === 'on',
    kafkaCaFile: text('kafka-ca'),
    kafkaCertificateFile: text('kafka-certificate'),
    kafkaKeyFile: text('kafka-key'),
    kafkaSasl: oneOf('kafka-sasl', 'scram-sha-512', mechanisms),
    kafkaUser: text('kafka-user'),
    kafkaPasswordFile: text('kafka-password-file'),
  };
  return messages.length > 0 ? { type: 'wrong', messages } : { type: 'settings', settings };
}

const levels = ['debug', 'info', 'warn', 'error'] as const;
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Named as the mesh names its own. `value` is absent where the flag alone says it. */
const table = {
  'kafka-brokers': {
    env: 'KAFKA_BROKERS',
    value: 'HOST:PORT,…',
    description: 'The Kafka cluster over which the mesh is reached. Needed.',
  },
  'kafka-tls': { env: 'KAFKA_TLS', description: 'Speak TLS to the brokers. In the environment: on or off.' },
  'kafka-ca': {
    env: 'KAFKA_CA',
    value: 'FILE',
    description: 'The authorities (PEM) that sign the certificates of the brokers. Switches TLS on.',
  },
  'kafka-certificate': {
    env: 'KAFKA_CERTIFICATE',
    value: 'FILE',
    description: 'The certificate (PEM) to show to the brokers. Switches TLS on.',
  },
  'kafka-key': { env: 'KAFKA_KEY', value: 'FILE', description: 'The private key (PEM) of that certificate.' },
  'kafka-sasl': {
    env: 'KAFKA_SASL',
    value: 'MECHANISM',
    description: `${mechanisms.join(', ')}: how KAFKA_USER proves who it is. scram-sha-512 when absent.`,
  },
  'kafka-user': { env: 'KAFKA_USER', value: 'NAME', description: 'As whom to speak to the brokers. Absent: as nobody.' },
  'kafka-password-file': { env: 'KAFKA_PASSWORD_FILE', value: 'FILE', description: 'The password of KAFKA_USER.' },
  'topic-prefix': {
    env: 'TRIBUTARY_TOPIC_PREFIX',
    value: 'PREFIX',
    description: "What the names of the mesh's topics begin with; tributary when absent.",
  },
  'sequence-file': {
    env: 'PROVIDER_SEQUENCE_FILE',
    value: 'FILE',
    description:
      'Remembers how far reports are counted, so that they are heard although the clock was set back. Absent: the clock is trusted.',
  },
  'log-level': { env: 'TRIBUTARY_LOG_LEVEL', value: 'LEVEL', description: `${levels.join(', ')}; info when absent.` },
} as const satisfies Readonly<Record<string, Row>>;

type Row = { readonly env: string; readonly value?: string; readonly description: string };

/** Answers why, where a flag is unknown or lacks its value. */
function readFlags(argv: readonly string[]): Readonly<Record<string, string | true | undefined>> | string {
  const rows = Object.entries<Row>(table);
  const options = Object.fromEntries(rows.map(([flag, { value }]) => [flag, { type: value ? 'string' : 'boolean' } as const]));
  try {
    const { values } = parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean', short: 'h' } } });
    // No option may be repeated, and no switch is turned off by a flag.
    return values as Readonly<Record<string, string | true | undefined>>;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isBroker(text: string): boolean {
  const port = Number(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

function helpText(): string {
  return [
    'Usage: node apps/example-provider/src/main.ts [--flag VALUE …]',
    '',
    'Delivers HttpBins: each is a small HTTP service on loopback. Knows the mesh by its Kafka topics only.',
    'Every setting is a flag or an environment variable; the flag wins.',
    '',
    ...Object.entries<Row>(table).flatMap(([flag, { env, value, description }]) => [
      `  --${flag}${value ? ` ${value}` : ''}, ${env}`,
      `      ${description}`,
      '',
    ]),
    '  --help',
    '      Prints this text.',
    '',
  ].join('\n');
}
