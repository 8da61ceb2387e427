import { PostgresViewStore } from '#adapter-postgres';
import { catalogueView, runProjection, workspacesView } from '#projection';
import type { Logger } from '#telemetry';
import type { Stores } from './stores.ts';

/** Keeps the views up to date. */
export async function startProjections({ stores, logger }: { readonly stores: Stores; readonly logger: Logger }) {
  const running = await Promise.all(
    [workspacesView, catalogueView].map((projection) => runProjection({ projection, log: stores.log, store: new PostgresViewStore(stores.dataSource), logger })),
  );
  return { stop: async () => void (await Promise.all(running.map((view) => view.stop()))) };
}
