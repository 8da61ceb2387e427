import { setTimeout as pause } from 'node:timers/promises';
import { eventOf } from '#account';
import { LogUnavailable } from '#stream';
import type { EventLog, RecordedEvent } from '#stream';
import type { Logger } from '#telemetry';
import { PoisonEvent } from './poison-event.ts';
import type { View, ViewChange } from './projection.ts';
import { ViewsUnavailable } from './view-store.ts';
import type { ViewStore } from './view-store.ts';

export type ProjectionOptions = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly logger: Logger;
  /** Ends the projection. */
  readonly signal: AbortSignal;
};

/** A view that follows the log. */
export interface RunningProjection {
  readonly table: string;
  /** Everything up to here is in the table. */
  readonly position: bigint;
  /** How many positions the view is behind the log. @throws LogUnavailable */
  lag(): Promise<number>;
  /** Resolves when the table includes `position`; rejects when the view has ended before. */
  waitForPosition(position: bigint): Promise<void>;
  /** Resolves after the signal, when nothing more is written; rejects with PoisonEvent when an event cannot be shown: this view stops, others go on. */
  readonly ended: Promise<void>;
}

const retryPauseMs = 250;
/** An event that changes nothing moves the checkpoint in memory only, until so many have passed. */
const unsavedMax = 1000n;

const accountStream = 'account-';

/** Keeps one view up to date, from where it stood. An event is applied at least once; applying it twice changes nothing. */
export function runProjection(projection: View, options: ProjectionOptions): RunningProjection {
  return new Follower(projection, options);
}

class Follower implements RunningProjection {
  readonly table: string;
  readonly ended: Promise<void>;
  readonly #projection: View;
  readonly #options: ProjectionOptions;
  #position = 0n;
  #saved = 0n;
  #waiting: Waiting[] = [];

  constructor(projection: View, options: ProjectionOptions) {
    this.table = projection.table;
    this.#projection = projection;
    this.#options = options;
    this.ended = this.#run().finally(() => this.#giveUp());
    // Whoever started the view may look at its end later, or never: the log has the line.
    this.ended.catch(() => undefined);
  }

  get position(): bigint {
    return this.#position;
  }

  async lag(): Promise<number> {
    return Number((await this.#options.log.headOfAll()) - this.#position);
  }

  waitForPosition(position: bigint): Promise<void> {
    if (position <= this.#position) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ position, resolve, reject });
    // A view that has ended already never gets there.
    void this.ended.catch(() => undefined).then(() => this.#giveUp());
    return promise;
  }

  async #run(): Promise<void> {
    const { log, store, logger, signal } = this.#options;
    const start = await this.#insist(() => store.position(this.table));
    if (start === undefined) return;
    this.#reached(start);
    this.#saved = start;
    try {
      for await (const batch of log.subscribeAll(start, signal)) await this.#follow(batch);
    } catch (error) {
      logger.error({ err: error, view: this.table, position: `${this.#position}` }, 'view stopped');
      throw error;
    }
  }

  async #follow(batch: readonly RecordedEvent[]): Promise<void> {
    try {
      await this.#show(batch);
    } catch {
      await this.#findPoison(batch);
    }
  }

  /** @throws whatever is wrong with one of the events */
  async #show(batch: readonly RecordedEvent[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    const { store } = this.#options;
    const changes = batch.flatMap((recorded) => this.#changesOf(recorded));
    if (changes.length > 0 || last.position - this.#saved >= unsavedMax) {
      await this.#insist(() => store.apply(this.#projection, changes, last.position));
      if (this.#options.signal.aborted) return;
      this.#saved = last.position;
    }
    this.#reached(last.position);
  }

  /** One by one, up to the event that cannot be shown. */
  async #findPoison(batch: readonly RecordedEvent[]): Promise<void> {
    for (const recorded of batch) {
      try {
        await this.#show([recorded]);
      } catch (cause) {
        throw new PoisonEvent(this.table, recorded, cause);
      }
    }
  }

  #changesOf(recorded: RecordedEvent): readonly ViewChange[] {
    if (!recorded.stream.startsWith(accountStream) || !this.#projection.concerns(recorded)) return [];
    const event = eventOf(recorded);
    return this.#projection.changes({ cluster: recorded.stream.slice(accountStream.length), position: recorded.position, event });
  }

  /** Repeats through outages; undefined when the signal came first. */
  async #insist<Result>(attempt: () => Promise<Result>): Promise<Result | undefined> {
    const { signal, logger } = this.#options;
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ViewsUnavailable || error instanceof LogUnavailable)) throw error;
        logger.warn({ err: error, view: this.table }, 'view waits for its store');
        await pause(retryPauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  #reached(position: bigint): void {
    this.#position = position;
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting) if (waiting.position <= position) waiting.resolve();
    this.#waiting = this.#waiting.filter((waiting) => waiting.position > position);
  }

  #giveUp(): void {
    for (const { position, reject } of this.#waiting) reject(new Error(`the view ${this.table} ended before position ${position}`));
    this.#waiting = [];
  }
}

type Waiting = { readonly position: bigint; readonly resolve: () => void; readonly reject: (error: Error) => void };
