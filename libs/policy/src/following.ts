import type { Logger } from '#telemetry';

const retryMs = 200;

/** Follows the log until the signal, and anew after every outage. */
export async function keepFollowing(follow: () => Promise<void>, signal: AbortSignal, logger: Logger): Promise<void> {
  while (!signal.aborted) {
    try {
      await follow();
    } catch (failure) {
      if (!signal.aborted) logger.warn({ err: failure }, 'the log was lost and will be followed again');
    }
    await pause(retryMs, signal);
  }
}

/** Waits, but not longer than until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
