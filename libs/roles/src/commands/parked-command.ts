import type { ParkedRecord } from '#bridge';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { kafkaBridgeFollower } from '../followers.ts';
import { openChannel } from '../channel.ts';
import { openUpkeep } from '../open-upkeep.ts';

export type ParkedOrder = {
  readonly settings: Settings;
  readonly action: 'list' | 'replay' | 'drop';
  /** `account/uid` of the instance; undefined: every parked report. */
  readonly key: string | undefined;
};

/** What was found, and, unless it was only listed, sent once more or given up. @throws Error that says what to do */
export async function settleParked({ settings, action, key }: ParkedOrder, logger: Logger): Promise<readonly ParkedRecord[]> {
  const upkeep = await openUpkeep(settings, logger);
  try {
    // Without brokers none would be found, which is no answer.
    if (!settings.kafkaBrokers && (await upkeep.checkpoints.load(kafkaBridgeFollower)) > 0n)
      throw new Error('reports of this installation come over Kafka: KAFKA_BROKERS must be set, as for the bridge');
    const channel = await openChannel(settings, upkeep.channelStore, logger);
    try {
      const found = (await channel.parked()).filter(({ record }) => key === undefined || record.key === key);
      for (const parked of found) {
        if (action === 'replay') await channel.replay(parked);
        if (action === 'drop') await channel.drop(parked);
      }
      return found;
    } finally {
      await channel.close();
    }
  } finally {
    await upkeep.close();
  }
}
