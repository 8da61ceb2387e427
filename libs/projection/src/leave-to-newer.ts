import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import type { Leadership, Lease } from './leadership.ts';
import type { View } from './projection.ts';

/** By which version of its definition a view's rows were made, and how often it was led by then. */
export type Made = { readonly version: number; readonly epoch: bigint };

export type LeaveToNewerOptions = {
  readonly views: readonly View[];
  readonly store: {
    /** Undefined for a view that never was led. @throws ViewsUnavailable */
    made(view: View): Promise<Made | undefined>;
  };
  readonly logger: Pick<Logger, 'debug' | 'info'>;
  /** How long a newer process is waited for; two minutes when absent. */
  readonly newerAwaitedMs?: number;
};

const newerAwaitedMsDefault = 120_000;
/** Longer than it takes another to ask for the lead. */
const yieldMs = 1_000;

/**
 * While an upgrade is rolled out, processes of two versions stand by for one another. A view that the newer one has made is left to it: an
 * older one would make it anew, in its way, and so on with each lead that passes between them. Where no newer one leads for so long, the
 * upgrade was taken back.
 */
export function leaveToNewer(leadership: Leadership, options: LeaveToNewerOptions): Leadership {
  const views = new Map(options.views.map((view) => [view.table, new Left(view, options)]));
  return {
    async lead(table, signal) {
      for (;;) {
        const lease = await leadership.lead(table, signal);
        if (!lease || (await views.get(table)?.isToBeLed()) !== false) return lease;
        await release(lease);
        await pause(yieldMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

const release = (lease: Lease): Promise<void> => lease.release().catch(() => undefined);

class Left {
  readonly #view: View;
  readonly #options: LeaveToNewerOptions;
  /** Since when, on the clock of `performance`, and as of which epoch nobody newer leads. */
  #since: { readonly ms: number; readonly epoch: bigint } | undefined;

  constructor(view: View, options: LeaveToNewerOptions) {
    this.#view = view;
    this.#options = options;
  }

  async isToBeLed(): Promise<boolean> {
    const { store, logger, newerAwaitedMs = newerAwaitedMsDefault } = this.#options;
    const { table, version: own = 1 } = this.#view;
    try {
      const { version, epoch } = (await store.made(this.#view)) ?? { version: own, epoch: 0n };
      if (version <= own) this.#since = undefined;
      else if (this.#since?.epoch !== epoch) {
        logger.info({ view: table, version, own }, 'view was made by a newer version of this program, and is left to it');
        this.#since = { ms: performance.now(), epoch };
      }
      return this.#since === undefined || performance.now() - this.#since.ms >= newerAwaitedMs;
    } catch (err) {
      logger.debug({ err, view: table }, 'could not ask which version has made the view');
      return false;
    }
  }
}
