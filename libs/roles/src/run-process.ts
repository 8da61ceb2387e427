import { parseSettings, type SettingName, type Settings } from '#settings';
import { createLogger, logHops, startTracing, type Logger } from '#telemetry';

export type ProcessOptions = {
  /** Names the process in logs and traces. */
  readonly name: string;
  /** How `--help` shows the command. */
  readonly command: string;
  readonly required: readonly SettingName[];
  readonly start: (settings: Settings, logger: Logger) => Promise<{ readonly stop: () => Promise<void> }>;
};

/** One role as a process of its own: JSON lines on stdout, ended by SIGTERM or SIGINT. */
export async function runRole({ name, command, required, start }: ProcessOptions): Promise<void> {
  const outcome = parseSettings(process.argv.slice(2), process.env, { command, required });
  switch (outcome.type) {
    case 'help':
      process.stdout.write(`${outcome.text}\n`);
      return;
    case 'refused':
      for (const problem of outcome.problems) process.stderr.write(`${name}: ${problem}\n`);
      process.exitCode = 2;
      return;
    case 'settings':
      break;
  }
  const logger = createLogger({ level: outcome.settings.logLevel, name });
  for (const warning of outcome.warnings) logger.warn(warning);
  logHops(logger);
  const tracing = await startTracing({ serviceName: name });
  try {
    const role = await start(outcome.settings, logger);
    logger.info('ready');
    onceSignalled(async (signal) => {
      logger.info({ signal }, 'stops');
      await role.stop();
      await tracing.stop();
    });
  } catch (failure) {
    logger.fatal({ err: failure }, 'the start failed');
    process.exit(1);
  }
}

/** Calls `stop` at the first SIGTERM or SIGINT and exits when it is done; later ones are ignored. */
export function onceSignalled(stop: (signal: string) => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      stop(signal).then(
        () => process.exit(0),
        (failure: unknown) => {
          process.stderr.write(`${String(failure)}\n`);
          process.exit(1);
        },
      );
    });
  }
}
