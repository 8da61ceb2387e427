import { parseArgs } from 'node:util';

export type ProviderSettings = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

export type SettingsOutcome =
  | { readonly type: 'settings'; readonly settings: ProviderSettings }
  | { readonly type: 'help'; readonly text: string }
  /** One line per setting that is wrong, naming it. */
  | { readonly type: 'wrong'; readonly messages: readonly string[] };

/** A flag wins over its variable; an empty variable counts as absent. */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): SettingsOutcome {
  const flags = readFlags(argv);
  if (typeof flags === 'string') return { type: 'wrong', messages: [flags] };
  if (flags.help) return { type: 'help', text: helpText };
  const brokers = (flags['kafka-brokers'] ?? env['KAFKA_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  const topicPrefix = flags['topic-prefix'] ?? (env['TRIBUTARY_TOPIC_PREFIX'] || 'tributary');
  const level = flags['log-level'] ?? (env['TRIBUTARY_LOG_LEVEL'] || 'info');
  const logLevel = levels.find((known) => known === level);

  const messages: string[] = [];
  if (brokers.length === 0) messages.push('KAFKA_BROKERS (--kafka-brokers): is needed, for example 127.0.0.1:9092');
  for (const broker of brokers) if (!isBroker(broker)) messages.push(`KAFKA_BROKERS (--kafka-brokers): "${broker}" is not host:port`);
  if (!/^[a-zA-Z0-9._-]{1,64}$/.test(topicPrefix))
    messages.push(`TRIBUTARY_TOPIC_PREFIX (--topic-prefix): "${topicPrefix}" is not up to 64 letters, digits, dots, dashes or underscores`);
  if (!logLevel) messages.push(`TRIBUTARY_LOG_LEVEL (--log-level): "${level}" is none of ${levels.join(', ')}`);
  if (messages.length > 0 || !logLevel) return { type: 'wrong', messages };
  return { type: 'settings', settings: { brokers, topicPrefix, logLevel } };
}

type Flags = {
  readonly help?: boolean;
  readonly 'kafka-brokers'?: string;
  readonly 'topic-prefix'?: string;
  readonly 'log-level'?: string;
};

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Answers why, where a flag is unknown or lacks its value. */
function readFlags(argv: readonly string[]): Flags | string {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { help: { type: 'boolean', short: 'h' }, 'kafka-brokers': text, 'topic-prefix': text, 'log-level': text },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isBroker(text: string): boolean {
  const port = Number(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

const helpText = `Usage: node apps/example-provider/src/main.ts [--flag VALUE …]

Delivers HttpBins: each is a small HTTP service on loopback. Knows the mesh by its Kafka topics only.
Every setting is a flag or an environment variable; the flag wins.

  --kafka-brokers HOST:PORT,…, KAFKA_BROKERS
      The Kafka cluster over which the mesh is reached. Needed.

  --topic-prefix PREFIX, TRIBUTARY_TOPIC_PREFIX (default: tributary)
      What the names of the mesh's topics begin with.

  --log-level LEVEL, TRIBUTARY_LOG_LEVEL (default: info)
      ${levels.join(', ')}.

  --help
      Prints this text.
`;
