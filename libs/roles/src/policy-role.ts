import { runPatience, runPolicy } from '#policy';
import { gauge, type Logger } from '#telemetry';
import type { House } from '#workspace';
import type { Stores } from './stores.ts';

const lag = gauge({
  name: 'tributary_follower_lag_positions',
  help: 'How many positions of the log a follower of it has still to answer.',
  labels: { follower: ['policy'] },
});

/** Answers what one account's event asks of another, and shows where a provider is silent. */
export async function startPolicy({ house, stores, logger }: { readonly house: House; readonly stores: Stores; readonly logger: Logger }) {
  const { log, checkpoints } = stores;
  const policy = await runPolicy({ house, log, checkpoints, logger });
  const patience = await runPatience({ house, log, checkpoints, logger });
  const untrack = lag.track({ follower: 'policy' }, async () => Math.max(0, Number((await log.headOfAll()) - policy.position())));
  return {
    async stop(): Promise<void> {
      untrack();
      await patience.stop();
      await policy.stop();
    },
  };
}
