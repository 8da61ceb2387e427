import { InProcessChannel, runBridge, type Bridge } from '#bridge';
import type { ProviderChannel } from '#provider-sdk';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { assertTopicsAreOwn } from '#upkeep';
import type { House } from '#workspace';
import { kafkaBridgeFollower } from './followers.ts';
import { openChannel } from './channel.ts';
import type { Stores } from './stores.ts';

export type BridgeRole = {
  readonly bridge: Bridge;
  /** The providers' end of the channel, where they run in this process. */
  readonly providers: ProviderChannel | undefined;
  readonly stop: () => Promise<void>;
};

/** Carries intents to providers and their reports back: over Kafka where brokers are set, else inside this process. */
export async function startBridge({
  settings,
  stores,
  house,
  logger,
}: {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly house: House;
  readonly logger: Logger;
}): Promise<BridgeRole> {
  const { kafkaBrokers } = settings;
  if (kafkaBrokers) await assertTopicsAreOwn(settings.topicPrefix, stores.checkpoints);
  const channel = await openChannel(settings, stores.channelStore, logger);
  const shadow = (position: bigint): void =>
    void stores.checkpoints
      .save(kafkaBridgeFollower, position)
      .catch((failure: unknown) => logger.debug({ err: failure }, 'how far the bridge is could not be noted'));
  const secrets = house;
  const bridge = runBridge({
    log: stores.log,
    channel,
    reports: house,
    secrets,
    logger,
    ...(kafkaBrokers ? { onCheckpoint: shadow } : {}),
  });
  return {
    bridge,
    providers: channel instanceof InProcessChannel ? channel.forProvider() : undefined,
    async stop() {
      await bridge.stop();
      await channel.close();
    },
  };
}
