import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseUnavailable } from '#adapter-postgres';
import { LogUnavailable } from '#stream';
import type { Logger } from '#telemetry';

const pauseMsDefault = 1_000;
const sayEveryMs = 30_000;

/**
 * Tries again and again while the database or the log does not answer: whoever starts everything at once need not know what comes up first.
 * @throws what `open` throws for any other reason
 */
export async function onceReachable<Opened>(
  open: () => Promise<Opened>,
  logger: Pick<Logger, 'info' | 'warn'>,
  pauseMs: number = pauseMsDefault,
): Promise<Opened> {
  for (let saidAt = -Infinity; ;) {
    try {
      const opened = await open();
      if (saidAt >= 0) logger.info('the database answers');
      return opened;
    } catch (failure) {
      if (!mayCome(failure)) throw failure;
      if (performance.now() - saidAt >= sayEveryMs) {
        logger.warn({ reason: failure.message }, 'waits for the database');
        saidAt = performance.now();
      }
      await pause(pauseMs);
    }
  }
}

const mayCome = (failure: unknown): failure is Error =>
  failure instanceof LogUnavailable || (failure instanceof DatabaseUnavailable && failure.mayCome);
