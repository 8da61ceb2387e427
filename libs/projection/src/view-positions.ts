import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '#stream';
import type { RunningProjection } from './run-projection.ts';
import type { ViewStore } from './view-store.ts';

export type ViewReached =
  | { readonly type: 'reached' }
  /** The view did not come so far in time. `failure`: why it stands still, where it does; then there is no use in asking again soon. */
  | {
      readonly type: 'behind';
      readonly table: string;
      readonly position: bigint;
      readonly wanted: bigint;
      readonly failure: string | null;
    };

const lookFirstMs = 2;
const lookMaxMs = 50;
/** A view that stands still is not waited for any longer than this: it may just be begun anew. */
const failureGraceMs = 250;

/** For those who read views: waits until what they know of is in them, whichever process writes them. */
export class ViewPositions {
  readonly #store: ViewStore;
  readonly #log: EventLog;
  #local: readonly RunningProjection[] = [];

  constructor(store: ViewStore, log: EventLog) {
    this.#store = store;
    this.#log = log;
  }

  /** The views that this process runs tell sooner where they are, and hurry for those who wait. */
  join(local: readonly RunningProjection[]): void {
    this.#local = local;
  }

  /** Waits until the table has everything that was in the log when this was asked. @throws ViewsUnavailable, LogUnavailable */
  async caughtUp(table: string, deadlineMs: number): Promise<ViewReached> {
    return this.reached(table, await this.#log.headOfAll(), deadlineMs);
  }

  /** Waits until the table includes `wanted`. @throws ViewsUnavailable */
  async reached(table: string, wanted: bigint, deadlineMs: number): Promise<ViewReached> {
    const deadline = performance.now() + deadlineMs;
    const local = this.#local.find((view) => view.table === table && view.state === 'leading');
    // Its end, or that of its lead, shows below.
    const told = local ? local.waitForPosition(wanted).catch(() => undefined) : undefined;
    let failingSince: number | undefined;
    for (let waitMs = lookFirstMs; ; waitMs = Math.min(waitMs * 1.5, lookMaxMs)) {
      if (local && local.position >= wanted) return { type: 'reached' };
      const { position, failure } = await this.#store.state(table);
      if (position >= wanted) return { type: 'reached' };
      const now = performance.now();
      failingSince = failure === null ? undefined : (failingSince ?? now);
      const isHopeless = failingSince !== undefined && now - failingSince >= failureGraceMs;
      if (isHopeless || now >= deadline) return { type: 'behind', table, position, wanted, failure };
      const rest = pause(Math.min(waitMs, Math.max(1, deadline - now)));
      await (told ? Promise.race([told, rest]) : rest);
    }
  }
}
