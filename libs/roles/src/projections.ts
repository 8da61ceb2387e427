import { PostgresViewStore } from '#adapter-postgres';
import { catalogueView, runProjection, workspacesView, type View } from '#projection';
import type { Logger } from '#telemetry';
import type { Stores } from './stores.ts';

/** Every view there is. */
export const allViews: readonly View[] = [workspacesView, catalogueView];

/** Keeps the views up to date. */
export function startProjections({ stores, logger }: { readonly stores: Stores; readonly logger: Logger }) {
  const stopping = new AbortController();
  const surroundings = { log: stores.log, store: new PostgresViewStore(stores.dataSource), logger, signal: stopping.signal };
  const views = allViews.map((view) => runProjection(view, surroundings));
  return {
    views,
    async stop() {
      stopping.abort();
      await Promise.allSettled(views.map((view) => view.ended));
    },
  };
}
