import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailable } from '#stream';
import type { EventLog } from '#stream';
import type { Logger } from '#telemetry';
import { alone, type Leadership, type Lease } from './leadership.ts';
import { PoisonEvent } from './poison-event.ts';
import type { View } from './projection.ts';
import { readAhead, type Gathered } from './read-ahead.ts';
import { ViewsUnavailable } from './view-store.ts';
import type { ViewLead, ViewStore } from './view-store.ts';
import { Waiters } from './waiters.ts';

export type ProjectionOptions = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly logger: Logger;
  /** Ends the projection. */
  readonly signal: AbortSignal;
  /** Who leads, where several processes run the same view. Absent: this one does. */
  readonly leadership?: Leadership;
  /** No other process asks how far the view is. */
  readonly isAlone?: boolean;
  /**
   * How long changes are gathered at least while events come in, so that a table is written few times; longer where writing took long. Nobody
   * who waits for a position waits for that. Absent: nothing is gathered, and the view never rests.
   */
  readonly gatherMs?: number;
};

/** A view that follows the log. */
export interface RunningProjection {
  readonly table: string;
  /** Everything up to here is in the table, as far as this process knows. */
  readonly position: bigint;
  /** `standby`: another process leads. `stopped`: an event cannot be shown. */
  readonly state: 'standby' | 'leading' | 'stopped' | 'ended';
  /** How many positions the view is behind the log. @throws LogUnavailable, ViewsUnavailable */
  lag(): Promise<number>;
  /** Resolves when this process, leading, has brought the table up to `position`; rejects when the view has ended before. */
  waitForPosition(position: bigint): Promise<void>;
  /** Resolves after the signal, when nothing more is written; rejects with PoisonEvent when an event cannot be shown: this view stops, others go on. */
  readonly ended: Promise<void>;
}

const retryPauseMs = 250;
/** An event that changes nothing moves the checkpoint in memory only, until so many have passed, or so much time where others ask for it. */
const unsavedMax = 1000n;
const unsavedMs = 100;
const unsavedAloneMs = 5_000;
/** Behind the log by more than this, nothing is gained by waiting for more. */
const gatheredMax = 400;
const restMaxMs = 250;

/** Keeps one view up to date, from where it stood. An event is applied at least once; applying it twice changes nothing. */
export function runProjection(projection: View, options: ProjectionOptions): RunningProjection {
  return new Follower(projection, options);
}

class Follower implements RunningProjection {
  readonly table: string;
  readonly ended: Promise<void>;
  readonly #projection: View;
  readonly #options: ProjectionOptions;
  readonly #leadership: Leadership;
  readonly #waiters: Waiters;
  #lead: ViewLead = { epoch: 0n, position: 0n };
  #position = 0n;
  #saving: Promise<void> = Promise.resolve();
  #saveTimer: NodeJS.Timeout | undefined;
  #state: RunningProjection['state'] = 'standby';

  constructor(projection: View, options: ProjectionOptions) {
    this.table = projection.table;
    this.#projection = projection;
    this.#options = options;
    this.#leadership = options.leadership ?? alone;
    this.#waiters = new Waiters(projection.table);
    this.ended = this.#run().finally(() => this.#waiters.end());
    // Whoever started the view may look at its end later, or never: the log has the line.
    this.ended.catch(() => undefined);
  }

  get position(): bigint {
    return this.#position;
  }

  get state(): RunningProjection['state'] {
    return this.#state;
  }

  async lag(): Promise<number> {
    const head = await this.#options.log.headOfAll();
    const position = this.#state === 'leading' ? this.#position : (await this.#options.store.state(this.table)).position;
    return Math.max(0, Number(head - position));
  }

  waitForPosition(position: bigint): Promise<void> {
    return this.#waiters.wait(position, this.#position);
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const lease = await this.#leadership.lead(this.table, signal);
      if (!lease) break;
      try {
        await this.#follow(lease);
      } catch (error) {
        await this.#mayGoOn(error);
      } finally {
        this.#dropSave();
        await this.#saving.catch(() => undefined);
        this.#state = this.#state === 'stopped' ? 'stopped' : 'standby';
        await lease.release();
      }
    }
    this.#state = 'ended';
  }

  /** @throws the error where nothing but an operator can mend it */
  async #mayGoOn(error: unknown): Promise<void> {
    const { logger, store, signal } = this.#options;
    if (error instanceof Overtaken) {
      // A rebuild has put a new table in its place, or another leads: what is there now is asked for.
      logger.info({ view: this.table }, 'view was taken over');
      return;
    }
    if (error instanceof LogUnavailable) {
      logger.warn({ err: error, view: this.table }, 'view waits for the log');
      await pause(retryPauseMs, undefined, { signal }).catch(() => undefined);
      return;
    }
    this.#state = 'stopped';
    logger.error({ err: error, view: this.table, position: `${this.#position}` }, 'view stopped');
    const failure = error instanceof Error ? error.message : String(error);
    await store.stop(this.table, this.#lead.epoch, failure).catch(() => undefined);
    throw error;
  }

  /** Leads the view until the signal comes, or somebody else leads. */
  async #follow({ lost }: Lease): Promise<void> {
    const { log, store } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, lost]);
    const lead = await this.#insist(() => store.lead(this.table), signal);
    if (!lead) return;
    this.#lead = lead;
    this.#reached(lead.position);
    this.#state = 'leading';
    for await (const gathered of readAhead(this.#projection, (until) => log.subscribeAll(lead.position, until), signal)) {
      const began = performance.now();
      await this.#showOrFindPoison(gathered, signal);
      await this.#rest(restMs(performance.now() - began, gathered.events, this.#options.gatherMs), signal);
    }
  }

  /** What comes in meanwhile is one batch. */
  #rest(ms: number, signal: AbortSignal): Promise<void> {
    if (ms === 0 || this.#waiters.any || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiters.onCome = undefined;
        // What somebody waits for may have come in this turn: it is part of the batch then.
        setImmediate(resolve);
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#waiters.onCome = done;
    });
  }

  async #showOrFindPoison(gathered: Gathered, signal: AbortSignal): Promise<void> {
    try {
      await this.#show(gathered, signal);
    } catch (error) {
      if (error instanceof Overtaken) throw error;
      await this.#findPoison(gathered, signal);
    }
  }

  /** @throws whatever is wrong with one of the events; Overtaken */
  async #show({ shown, position }: Pick<Gathered, 'shown' | 'position'>, signal: AbortSignal): Promise<void> {
    const changes = shown.flatMap((each) => each.changes);
    const isDue = changes.length > 0 || position - this.#lead.position >= unsavedMax;
    // What it would note is older than what is written now: beside that, the table would go back.
    if (isDue) this.#dropSave();
    await this.#saving;
    if (isDue) {
      await this.#apply(changes, position, signal);
      if (signal.aborted) return;
    } else this.#saveSoon(signal);
    this.#reached(position);
  }

  async #apply(changes: Parameters<ViewStore['apply']>[1], position: bigint, signal: AbortSignal): Promise<void> {
    const lead = { epoch: this.#lead.epoch, position };
    const outcome = await this.#insist(() => this.#options.store.apply(this.#projection, changes, lead), signal);
    if (outcome === 'overtaken') throw new Overtaken();
    if (outcome === 'applied') this.#lead = lead;
  }

  /** Others who wait for a position look at the checkpoint; where there are none, it is for the next start. */
  #saveSoon(signal: AbortSignal): void {
    this.#saveTimer ??= setTimeout(
      () => {
        this.#saveTimer = undefined;
        // Whether somebody has overtaken us shows with the next change.
        if (this.#position > this.#lead.position && !signal.aborted)
          this.#saving = this.#saving.then(() => this.#apply([], this.#position, signal)).catch(() => undefined);
      },
      this.#options.leadership && !this.#options.isAlone ? unsavedMs : unsavedAloneMs,
    );
    this.#saveTimer.unref();
  }

  #dropSave(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
  }

  /** One by one, up to the event that cannot be shown. */
  async #findPoison({ shown, position }: Gathered, signal: AbortSignal): Promise<void> {
    for (const each of shown) {
      try {
        await this.#show({ shown: [each], position: each.position }, signal);
      } catch (cause) {
        throw cause instanceof Overtaken ? cause : new PoisonEvent(this.table, each, cause);
      }
    }
    await this.#show({ shown: [], position }, signal);
  }

  /** Repeats through outages; undefined when the signal came first. */
  async #insist<Result>(attempt: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ViewsUnavailable || error instanceof LogUnavailable)) throw error;
        this.#options.logger.warn({ err: error, view: this.table }, 'view waits for its store');
        await pause(retryPauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  #reached(position: bigint): void {
    this.#position = position;
    this.#waiters.reached(position);
  }
}

class Overtaken extends Error {}

/**
 * How long a view rests after work, so that it leaves the machine to those who write: a third of the time is its at most while it keeps up,
 * half while it is behind. The busier the machine, the longer the work takes, and the fewer and larger are the batches.
 */
export function restMs(tookMs: number, events: number, gatherMs = 0): number {
  if (gatherMs === 0) return 0;
  return events >= gatheredMax ? Math.min(tookMs, restMaxMs) : Math.max(gatherMs, Math.min(2 * tookMs, restMaxMs));
}
