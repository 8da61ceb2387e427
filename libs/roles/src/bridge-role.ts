import { KafkaChannel } from '#adapter-kafka';
import { InProcessChannel, runBridge, type Bridge, type Channel } from '#bridge';
import type { ProviderChannel } from '#provider-sdk';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import type { House } from '#workspace';
import { kafkaBridgeFollower } from './followers.ts';
import type { Stores } from './stores.ts';

export type BridgeRole = {
  readonly bridge: Bridge;
  /** The providers' end of the channel, where they run in this process. */
  readonly providers: ProviderChannel | undefined;
  readonly stop: () => Promise<void>;
};

/** Carries intents to providers and their reports back: over Kafka where brokers are set, else inside this process. */
export function startBridge({
  settings,
  stores,
  house,
  logger,
}: {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly house: House;
  readonly logger: Logger;
}): BridgeRole {
  const { kafkaBrokers, topicPrefix } = settings;
  const inProcess = kafkaBrokers ? undefined : new InProcessChannel(stores.channelStore, topicPrefix);
  const channel: Channel = kafkaBrokers
    ? new KafkaChannel({ brokers: kafkaBrokers, prefix: topicPrefix, clientId: 'tributary-bridge', logger })
    : (inProcess as InProcessChannel);
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
    providers: inProcess?.forProvider(),
    async stop() {
      await bridge.stop();
      await channel.close();
    },
  };
}
