import { InProcessChannel, runBridge, type Bridge, type Channel } from '#bridge';
import type { ProviderChannel } from '#provider-sdk';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { assertTopicsAreOwn } from '#upkeep';
import type { House } from '#workspace';
import { kafkaBridgeFollower } from './followers.ts';
import { openChannel } from './channel.ts';
import { standingBridge, type Carrying } from './standing-bridge.ts';
import type { Stores } from './stores.ts';

export type BridgeRole = {
  readonly bridge: Bridge;
  /** The providers' end of the channel, where they run in this process. */
  readonly providers: ProviderChannel | undefined;
  readonly stop: () => Promise<void>;
};

export type BridgeRoleOptions = {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly house: House;
  readonly logger: Logger;
};

/**
 * Carries intents to providers and their reports back: over Kafka where brokers are set, in turn with other processes; else inside this one.
 * @throws Error naming a setting
 */
export async function startBridge(options: BridgeRoleOptions): Promise<BridgeRole> {
  const { settings, stores, logger } = options;
  const open = (): Promise<Channel> => openChannel(settings, stores.channelStore, logger);
  if (settings.kafkaBrokers) {
    await assertTopicsAreOwn(settings.topicPrefix, stores.checkpoints);
    // Whether its settings hold shows now, also where others carry for long.
    await (await open()).close();
    const carry = async (): Promise<Carrying> => carryOver(await open(), options);
    const bridge = standingBridge({ leadership: stores.leadership, name: `bridge ${settings.topicPrefix}`, carry, logger });
    return { bridge, providers: undefined, stop: () => bridge.stop() };
  }
  const channel = await open();
  return { ...carryOver(channel, options), providers: channel instanceof InProcessChannel ? channel.forProvider() : undefined };
}

function carryOver(channel: Channel, { settings, stores, house, logger }: BridgeRoleOptions): Carrying {
  const shadow = (position: bigint): void =>
    void stores.checkpoints
      .save(kafkaBridgeFollower, position)
      .catch((failure: unknown) => logger.debug({ err: failure }, 'how far the bridge is could not be noted'));
  const onCheckpoint = settings.kafkaBrokers ? { onCheckpoint: shadow } : {};
  const bridge = runBridge({ log: stores.log, channel, reports: house, secrets: house, logger, ...onCheckpoint });
  return {
    bridge,
    async stop() {
      await bridge.stop();
      await channel.close();
    },
  };
}
