import { newSigningKey, ServiceAccountTokens, SigningKey } from '#access';
import { openRoot } from '#policy';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { House, Retention } from '#workspace';
import { boundGarbage } from './bound-garbage.ts';
import { collectAloneOnFew } from './collect-alone.ts';
import { collectWhenQuiet } from './collect-when-quiet.ts';
import { followersOf } from './followers.ts';
import { openKeys } from './keys.ts';
import { onceReachable } from './once-reachable.ts';
import { openStores, type Stores } from './stores.ts';

export type OpenedHouse = { readonly house: House; readonly stores: Stores; readonly close: () => Promise<void> };

type OpenHouseOptions = {
  readonly settings: Settings;
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Whether to wait for a database, or a log, that does not answer yet: as processes do that nobody looks at. */
  readonly isPatient?: boolean;
  /** What the API's certificate is checked with, where this process serves it: then it gives out tokens too. */
  readonly ca?: string;
};

/** The stores and what lives over them: where every role begins. @throws Error that says what to do */
export function openHouse({ isPatient = false, ...options }: OpenHouseOptions): Promise<OpenedHouse> {
  return isPatient ? onceReachable(() => openOnce(options), options.logger) : openOnce(options);
}

async function openOnce({ settings, publicUrl, logger, ca }: OpenHouseOptions): Promise<OpenedHouse> {
  const onLost = (failure: Error): void => {
    logger.fatal({ err: failure }, 'the data folder was taken over');
    process.exit(1);
  };
  const stores = await openStores({ settings, logger, onLost });
  const house = await furnishedHouse({ settings, publicUrl, logger, ...(ca === undefined ? {} : { ca }) }, stores).catch(
    async (failure: unknown) => {
      await stores.close();
      throw failure;
    },
  );
  collectAloneOnFew();
  const collecting = [collectWhenQuiet(), boundGarbage()];
  const close = async (): Promise<void> => {
    for (const { stop } of collecting) stop();
    await house.close();
    await stores.close();
  };
  return { house, stores, close };
}

async function furnishedHouse({ settings, publicUrl, logger, ca }: OpenHouseOptions, stores: Stores): Promise<House> {
  const keys = await openKeys({ settings, store: stores.keyStore, logger });
  const signingKey = new SigningKey(await keys.installationSecret('service-account-signing-key', newSigningKey));
  const supply = ca === undefined ? {} : { serviceAccounts: { tokens: new ServiceAccountTokens(signingKey, publicUrl), ca } };
  const retention = retentionOf(settings, stores);
  const memory = {
    loadedMax: settings.accountsLoadedMax,
    idleMs: settings.accountIdleSeconds * 1_000,
    changesHeldMax: settings.recentChangesMegabytes * 1_000_000,
  };
  const house = new House({ ...stores, ...supply, ...memory, keys, publicUrl, webhookReach: settings.webhookReach, retention });
  try {
    await openRoot(house);
    return house;
  } catch (failure) {
    await house.close();
    throw failure;
  }
}

/** Without a limit everything stays in the log. */
function retentionOf(settings: Settings, stores: Stores): Retention | undefined {
  const { keptEvents: eventsKept, keptDays } = settings;
  if (eventsKept === undefined && keptDays === undefined) return undefined;
  const keptMs = keptDays === undefined ? undefined : keptDays * 86_400_000;
  return new Retention({ ...stores, followers: followersOf(settings), eventsKept, keptMs });
}
