import { PostgresViewStore } from '#adapter-postgres';
import { catalogueView, runProjection, workspacesView } from '#projection';
import type { Logger } from '#telemetry';
import type { Stores } from './stores.ts';

/** Keeps the views up to date. */
export function startProjections({ stores, logger }: { readonly stores: Stores; readonly logger: Logger }) {
  const store = new PostgresViewStore(stores.dataSource);
  const views = [workspacesView, catalogueView].map((projection) => runProjection({ projection, log: stores.log, store, logger }));
  return { views, stop: async () => void (await Promise.all(views.map((view) => view.stop()))) };
}
