import type { Bridge } from '#bridge';
import type { ReadinessCheck } from '#facade-kube';
import type { Stores } from './stores.ts';

const everyMs = 1_000;

/** Looks at the parts once a second, so that a probe is answered from memory. */
export function watchReadiness({ stores, bridge }: { readonly stores: Stores; readonly bridge?: Bridge | undefined }) {
  let database: ReadinessCheck = { name: 'database', healthy: true, required: true };
  let provider: ReadinessCheck[] = [];
  let views: ReadinessCheck[] = [];
  let startup: ReadinessCheck = { name: 'startup', healthy: false, required: true, message: 'the start is not finished' };
  const look = async (): Promise<void> => {
    database = await stores.check().then(
      () => ({ name: 'database', healthy: true, required: true }),
      () => ({ name: 'database', healthy: false, required: true, message: 'the database does not answer' }),
    );
    views = await stores.views.failures().then(viewChecks, () => views);
    if (bridge) {
      const { specs, statuses } = await bridge.health();
      const healthy = [specs, statuses].every(({ state }) => state === 'carrying' || state === 'starting');
      // Orders queue in the log meanwhile: the API itself can go on.
      provider = [
        {
          name: 'bridge',
          healthy,
          required: false,
          ...(healthy ? {} : { message: 'providers cannot be reached; orders wait in the log' }),
        },
      ];
    }
  };
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  void look().catch(() => undefined);
  return {
    checks: () => [startup, database, ...provider, ...views],
    /** The start is finished: from here on the process may get requests. */
    started(): void {
      startup = { name: 'startup', healthy: true, required: true };
    },
    stop: () => clearInterval(timer),
  };
}

/** What spans workspaces is not fresh where a view stands still; workspaces themselves do not need views. */
function viewChecks(failures: Awaited<ReturnType<Stores['views']['failures']>>): ReadinessCheck[] {
  const message = 'an event cannot be shown; the log of the process that keeps it says which';
  return failures.map(({ table }) => ({ name: `view-${table}`, healthy: false, required: false, message }));
}
