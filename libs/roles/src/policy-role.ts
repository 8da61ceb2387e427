import { runPolicy, type RunningPolicy } from '#policy';
import type { Logger } from '#telemetry';
import type { House } from '#workspace';
import type { Stores } from './stores.ts';

/** Answers what one account's event asks of another. */
export function startPolicy({
  house,
  stores,
  logger,
}: {
  readonly house: House;
  readonly stores: Stores;
  readonly logger: Logger;
}): Promise<RunningPolicy> {
  return runPolicy({ house, log: stores.log, checkpoints: stores.checkpoints, logger });
}
