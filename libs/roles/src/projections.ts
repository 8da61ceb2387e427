import { catalogueView, resourcesView, runProjection, workspacesView, type View } from '#projection';
import type { Logger } from '#telemetry';
import type { Stores } from './stores.ts';

/** Every view there is. */
export const allViews: readonly View[] = [workspacesView, catalogueView, resourcesView];

/** Keeps the views up to date. */
export function startProjections({ stores, logger }: { readonly stores: Stores; readonly logger: Logger }) {
  const stopping = new AbortController();
  const surroundings = { log: stores.log, store: stores.views, logger, signal: stopping.signal };
  const views = [
    runProjection(workspacesView, surroundings),
    runProjection(catalogueView, surroundings),
    runProjection(resourcesView, { ...surroundings, gatherMs: 25 }),
  ];
  return {
    views,
    async stop() {
      stopping.abort();
      await Promise.allSettled(views.map((view) => view.ended));
    },
  };
}
