import { join } from 'node:path';
import { attachEmbeddedPostgres } from '#adapter-postgres';
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
  const embedded =
    settings.databaseUrl === undefined
      ? await attachEmbeddedPostgres({ folder: join(settings.dataFolder, 'postgres'), log: logger })
      : undefined;
  const databaseUrl = settings.databaseUrl ?? embedded?.url;
  const stores = await openStores({ settings: { ...settings, databaseUrl }, logger, onLost: () => undefined });
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
    await embedded?.stop();
  }
}

const isView = (name: string): name is ViewName => Object.hasOwn(allViews, name);
