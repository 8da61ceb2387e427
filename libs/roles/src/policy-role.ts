import { runPatience, runPolicy } from '#policy';
import type { Logger } from '#telemetry';
import type { House } from '#workspace';
import type { Stores } from './stores.ts';

/** Answers what one account's event asks of another, and shows where a provider is silent. */
export async function startPolicy({ house, stores, logger }: { readonly house: House; readonly stores: Stores; readonly logger: Logger }) {
  const { log, checkpoints } = stores;
  const policy = await runPolicy({ house, log, checkpoints, logger });
  const patience = await runPatience({ house, log, checkpoints, logger });
  return {
    async stop(): Promise<void> {
      await patience.stop();
      await policy.stop();
    },
  };
}
