import { openRoot } from '#policy';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { House } from '#workspace';
import { collectWhenQuiet } from './collect-when-quiet.ts';
import { openStores, type Stores } from './stores.ts';

export type OpenedHouse = { readonly house: House; readonly stores: Stores; readonly close: () => Promise<void> };

/** The stores and what lives over them: where every role begins. @throws Error that says what to do */
export async function openHouse({
  settings,
  publicUrl,
  logger,
}: {
  readonly settings: Settings;
  readonly publicUrl: string;
  readonly logger: Logger;
}): Promise<OpenedHouse> {
  const onLost = (failure: Error): void => {
    logger.fatal({ err: failure }, 'the data folder was taken over');
    process.exit(1);
  };
  const stores = await openStores({ settings, logger, onLost });
  const house = new House({ ...stores, publicUrl, webhookReach: settings.webhookReach });
  const collecting = collectWhenQuiet();
  const close = async (): Promise<void> => {
    collecting.stop();
    await house.close();
    await stores.close();
  };
  try {
    await openRoot(house);
    return { house, stores, close };
  } catch (failure) {
    await close();
    throw failure;
  }
}
