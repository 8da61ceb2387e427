import { destination, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

type LogLine = { (message: string): void; (fields: object, message?: string): void };

/** What a lib writes its lines with. An error goes under `err`, so that its stack is kept. */
export interface Logger {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly fatal: LogLine;
  isLevelEnabled(level: LogLevel): boolean;
  /** A logger that writes `fields` on each of its lines. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export type LoggerOptions = {
  readonly level: LogLevel;
  /** Stands as `name` on every line: the role that writes it. */
  readonly name: string;
  /** Where lines go; stdout when absent. Takes whole lines, newline included. */
  readonly to?: 'stdout' | 'stderr' | { write(line: string): void };
};

/** JSON lines, one per event, `time` as RFC 3339. Fields that carry credentials are blanked, down to three levels. */
export function createLogger({ level, name, to = 'stdout' }: LoggerOptions): Logger {
  const sink = typeof to === 'string' ? destination({ fd: to === 'stdout' ? 1 : 2, sync: false }) : to;
  return pino(
    {
      level,
      name,
      base: { name },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '[redacted]' },
    },
    sink,
  );
}

const secretFields = ['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'token', 'password', 'rawHeaders', 'privateKey'];
const secretPaths = secretFields.flatMap((field) =>
  ['', '*', '*.*'].map((above) => (field.includes('-') ? `${above}["${field}"]` : above === '' ? field : `${above}.${field}`)),
);

/** Writes nothing: for specs, and for callers that were given no logger. */
export const silentLogger: Logger = createLogger({ level: 'silent', name: 'silent', to: { write: () => undefined } });
