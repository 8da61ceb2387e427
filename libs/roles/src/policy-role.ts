import { runBurial, runPatience, runPolicy } from '#policy';
import type { Settings } from '#settings';
import { gauge, type Logger } from '#telemetry';
import type { House } from '#workspace';
import { followersOf } from './followers.ts';
import type { Stores } from './stores.ts';

const lag = gauge({
  name: 'tributary_follower_lag_positions',
  help: 'How many positions of the log a follower of it has still to answer.',
  labels: { follower: ['policy'] },
});

export type PolicyRoleOptions = {
  readonly house: House;
  readonly stores: Stores;
  readonly settings: Pick<Settings, 'kafkaBrokers'>;
  readonly logger: Logger;
};

/** Answers what one account's event asks of another, shows where a provider is silent, and removes what is left of accounts that are gone. */
export async function startPolicy({ house, stores, settings, logger }: PolicyRoleOptions) {
  const { log, checkpoints, channelStore } = stores;
  const policy = await runPolicy({ house, log, checkpoints, logger });
  const patience = await runPatience({ house, log, checkpoints, logger });
  const remains = (cluster: string): Promise<void> => channelStore.forget(cluster);
  const burial = await runBurial({ ...stores, house, followers: followersOf(settings), remains, logger });
  const untrack = lag.track({ follower: 'policy' }, async () => Math.max(0, Number((await log.headOfAll()) - policy.position())));
  return {
    async stop(): Promise<void> {
      untrack();
      await burial.stop();
      await patience.stop();
      await policy.stop();
    },
  };
}
