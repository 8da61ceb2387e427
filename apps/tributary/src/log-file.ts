import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '#settings';
import { createLogger, logHops, type Logger } from '#telemetry';

/** The terminal is for people; the log goes to a file in the data folder. */
export async function logFileFor({
  dataFolder,
  logLevel,
}: Pick<Settings, 'dataFolder' | 'logLevel'>): Promise<{ readonly logger: Logger; readonly file: string }> {
  await mkdir(dataFolder, { recursive: true });
  const file = join(dataFolder, 'tributary.log');
  const stream = createWriteStream(file, { flags: 'a' });
  // A full disk must not end the process: the log has gaps then.
  stream.on('error', () => undefined);
  const logger = createLogger({ level: logLevel, name: 'tributary', to: { write: (line) => void stream.write(line) } });
  logHops(logger);
  return { logger, file };
}
