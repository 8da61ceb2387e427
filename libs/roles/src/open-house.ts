import { openRoot } from '#policy';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { House } from '#workspace';
import { openKeys } from './keys.ts';
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
  let house: House | undefined;
  try {
    const keys = await openKeys({ settings, store: stores.keyStore, logger });
    const opened = (house = new House({ ...stores, keys, publicUrl }));
    const close = async (): Promise<void> => {
      await opened.close();
      await stores.close();
    };
    await openRoot(opened);
    return { house: opened, stores, close };
  } catch (failure) {
    await house?.close();
    await stores.close();
    throw failure;
  }
}
