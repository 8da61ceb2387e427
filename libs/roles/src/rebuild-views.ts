import { join } from 'node:path';
import { runningPostgres } from '#adapter-postgres';
import { allViews, rebuildView, viewNames, type View, type ViewName } from '#projection';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { openStores } from './stores.ts';

export type RebuildRequest = {
  readonly settings: Settings;
  /** All where none is named. */
  readonly names: readonly string[];
  readonly logger: Logger;
  readonly say: (line: string) => void;
};

/** Makes views anew while they are served. Answers what is wrong with the request, if anything is. @throws as `rebuildView` */
export async function rebuildViews({ settings, names, logger, say }: RebuildRequest): Promise<string | undefined> {
  const strange = names.find((name) => !isView(name));
  if (strange !== undefined) return `there is no view ${strange}; there are ${viewNames.join(', ')}`;
  const stores = await openStores({ settings: await reachable(settings, logger), logger, onLost: () => process.exit(1) });
  try {
    for (const name of names.length > 0 ? names.filter(isView) : viewNames) {
      const began = performance.now();
      const outcome = await rebuildView(allViews[name] as View, { log: stores.log, store: stores.rebuild, logger });
      if (outcome.type === 'busy') return `${name} is being rebuilt by another process`;
      const seconds = (performance.now() - began) / 1000;
      say(
        `${name}: ${outcome.events} events in ${seconds.toFixed(1)} s (${Math.round(outcome.events / seconds)}/s), up to position ${outcome.position}`,
      );
    }
    return undefined;
  } finally {
    await stores.close();
  }
}

const isView = (name: string): name is ViewName => Object.hasOwn(allViews, name);

/** An embedded database that a running server owns is used beside that. */
async function reachable(settings: Settings, logger: Logger): Promise<Settings> {
  if (settings.databaseUrl !== undefined) return settings;
  const url = await runningPostgres({ folder: join(settings.dataFolder, 'postgres'), log: logger });
  return url === undefined ? settings : { ...settings, databaseUrl: url };
}
