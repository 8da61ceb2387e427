import {
  allViews,
  CurrentView,
  leaveToNewer,
  runProjection,
  viewNames,
  type RunningProjection,
  type View,
  type ViewName,
} from '#projection';
import { gauge, type Logger } from '#telemetry';
import type { Stores } from './stores.ts';

const labels = { view: viewNames } as const;
const lags = gauge({
  name: 'tributary_view_lag_positions',
  help: 'How many positions of the log a view is behind, where this process leads it.',
  labels,
});
const leading = gauge({ name: 'tributary_view_leading', help: 'Views that this process keeps up to date.', labels });
const stopped = gauge({ name: 'tributary_view_stopped', help: 'Views that an event has stopped.', labels });
const rebuilding = gauge({ name: 'tributary_view_rebuilding', help: 'Views that this process makes anew after an upgrade.', labels });

/** Gathering costs those who read views this much of freshness at most, while much is written; those who wait for a position nothing. */
const gatherMs = 50;
const lookEveryMs = 1_000;

/**
 * Keeps the views up to date, those that no other process leads. Where there is no other, the lead is lost with the database all the same: what is
 * led again is asked for, for a database that crashed has forgotten its last moments.
 */
export function startProjections({ stores, logger }: { readonly stores: Stores; readonly logger: Logger }) {
  const stopping = new AbortController();
  const { log, views: store, positions, soleWriter } = stores;
  const versions = viewNames.map((name) => allViews[name] as View);
  // Who is alone leads everything, also after a step back to an older version.
  const leadership = soleWriter ? stores.leadership : leaveToNewer(stores.leadership, { views: versions, store: stores.rebuild, logger });
  const options = { log, store, logger, signal: stopping.signal, gatherMs, leadership, isAlone: soleWriter };
  const views = versions.map((view) => runProjection(view, options));
  positions.join(views);
  const watching = watchLag(views, stores);
  const keeping = keepCurrent(views, stores, options);
  return {
    views,
    async stop() {
      watching.stop();
      stopping.abort();
      await keeping.stop();
      await Promise.allSettled(views.map((view) => view.ended));
    },
  };
}

/** Views of another version than this process's are made anew by it, where it leads them; one at a time. */
function keepCurrent(
  views: readonly RunningProjection[],
  { log, rebuild: store }: Stores,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
) {
  const current = views.map((running) => ({
    view: running.table as ViewName,
    keeper: new CurrentView(allViews[running.table as ViewName] as View, running, { log, store, logger, signal }),
  }));
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    for (const { keeper } of current) await keeper.look();
  };
  const timer = setInterval(() => void (looking ??= look().finally(() => (looking = undefined))), lookEveryMs).unref();
  const leave = current.map(({ view, keeper }) => rebuilding.track({ view }, () => Number(keeper.rebuilding)));
  return {
    async stop() {
      clearInterval(timer);
      for (const each of leave) each();
      await looking;
    },
  };
}

function watchLag(views: readonly RunningProjection[], { log }: Stores) {
  let head = 0n;
  const look = async (): Promise<void> => void (head = await log.headOfAll().catch(() => head));
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  const leave = views.flatMap((running) => {
    const view = { view: running.table as ViewName };
    const isLeading = (): boolean => running.state === 'leading';
    return [
      lags.track(view, () => (isLeading() && head > running.position ? Number(head - running.position) : 0)),
      leading.track(view, () => Number(isLeading())),
      stopped.track(view, () => Number(running.state === 'stopped')),
    ];
  });
  return {
    stop() {
      clearInterval(timer);
      for (const each of leave) each();
    },
  };
}
