import type { EventLog } from '#stream';
import type { Logger } from '#telemetry';
import type { View } from './projection.ts';
import { rebuildView, type RebuildStore } from './rebuild-view.ts';
import type { RunningProjection } from './run-projection.ts';

export type KeepCurrentOptions = {
  readonly log: EventLog;
  readonly store: RebuildStore;
  readonly logger: Logger;
  /** Ends what is going on. */
  readonly signal: AbortSignal;
  /** How long after a failure it is tried again; a minute when absent. */
  readonly retryMs?: number;
};

/**
 * Makes a view anew, beside those who read it, where its rows are of another version than its definition, as after an upgrade. Only who leads
 * the view does so, and looks once for each time that it comes to lead.
 */
export class CurrentView {
  readonly #view: View;
  readonly #running: Pick<RunningProjection, 'state'>;
  readonly #options: KeepCurrentOptions;
  /** When to look again, on the clock of `performance`; Infinity where it was seen to be current. */
  #lookAt = 0;
  #rebuilding = false;

  constructor(view: View, running: Pick<RunningProjection, 'state'>, options: KeepCurrentOptions) {
    this.#view = view;
    this.#running = running;
    this.#options = options;
  }

  get rebuilding(): boolean {
    return this.#rebuilding;
  }

  /** To be called now and then: costs a question to the store for each lead. Never rejects. */
  async look(): Promise<void> {
    if (this.#rebuilding || this.#options.signal.aborted) return;
    if (this.#running.state !== 'leading') {
      this.#lookAt = 0;
      return;
    }
    if (performance.now() < this.#lookAt) return;
    this.#lookAt = Infinity;
    this.#rebuilding = true;
    const { logger, signal, retryMs = retryMsDefault } = this.#options;
    try {
      await this.#bringUp();
    } catch (err) {
      if (signal.aborted) return;
      logger.error({ err, view: this.#view.table }, 'view is of another version, and could not be made anew; it is tried again');
      this.#lookAt = performance.now() + retryMs;
    } finally {
      this.#rebuilding = false;
    }
  }

  async #bringUp(): Promise<void> {
    const { store, logger, log, signal } = this.#options;
    const { table, version = 1 } = this.#view;
    const stored = await store.version(this.#view);
    if (stored === version) return;
    logger.info({ view: table, stored, version }, 'view is of another version: it is made anew beside its readers');
    const outcome = await rebuildView(this.#view, { log, store, logger, signal });
    if (outcome.type === 'busy') throw new Error('another process makes it anew');
    logger.info({ view: table, version, events: outcome.events }, 'view is of this version now');
  }
}

const retryMsDefault = 60_000;
