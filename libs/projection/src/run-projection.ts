import { setTimeout as pause } from 'node:timers/promises';
import { decodeEvent } from '#account';
import { LogUnavailable } from '#stream';
import type { EventLog, RecordedEvent } from '#stream';
import type { Logger } from '#telemetry';
import { PoisonEvent } from './poison-event.ts';
import type { Projection, RowChange } from './projection.ts';
import { ViewsUnavailable } from './view-store.ts';
import type { ViewStore } from './view-store.ts';

export type ProjectionSurroundings = {
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
  /** Resolves after the signal. @throws PoisonEvent when an event cannot be shown: this view stops, others go on. */
  readonly ended: Promise<void>;
}

const retryPauseMs = 250;
/** An event that changes nothing moves the checkpoint in memory only, until so many have passed. */
const unsavedMax = 1000n;

const accountStream = 'account-';

/** Keeps one view up to date, from where it stood. An event is applied at least once; applying it twice changes nothing. */
export function runProjection<Row, Key extends keyof Row>(view: Projection<Row, Key>, surroundings: ProjectionSurroundings): RunningProjection {
  return new Follower(view, surroundings);
}

class Follower<Row, Key extends keyof Row> implements RunningProjection {
  readonly table: string;
  readonly ended: Promise<void>;
  readonly #view: Projection<Row, Key>;
  readonly #surroundings: ProjectionSurroundings;
  #position = 0n;
  #saved = 0n;
  #waiting: Waiting[] = [];

  constructor(view: Projection<Row, Key>, surroundings: ProjectionSurroundings) {
    this.table = view.table;
    this.#view = view;
    this.#surroundings = surroundings;
    this.ended = this.#run().finally(() => this.#giveUp());
    // Whoever started the view may look at its end later, or never: the log has the line.
    this.ended.catch(() => undefined);
  }

  get position(): bigint {
    return this.#position;
  }

  async lag(): Promise<number> {
    return Number((await this.#surroundings.log.headOfAll()) - this.#position);
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
    const { log, store, logger, signal } = this.#surroundings;
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
    const last = batch.at(-1);
    if (!last) return;
    const changes = batch.flatMap((recorded) => this.#changesOf(recorded));
    if (changes.length > 0 || last.position - this.#saved >= unsavedMax) {
      const failure = await this.#apply(changes, last.position);
      if (failure !== undefined) await this.#findPoison(batch, failure);
    }
    if (!this.#surroundings.signal.aborted) this.#reached(last.position);
  }

  /** Answers what was wrong with the changes, if anything was. */
  async #apply(changes: readonly RowChange<Row, Key>[], position: bigint): Promise<unknown> {
    try {
      await this.#insist(() => this.#surroundings.store.apply(this.#view, changes, position));
      this.#saved = position;
      return undefined;
    } catch (failure) {
      return failure;
    }
  }

  /** One by one, up to the event that the table refuses. */
  async #findPoison(batch: readonly RecordedEvent[], failure: unknown): Promise<void> {
    let failed: unknown = failure;
    for (const recorded of batch) {
      failed = await this.#apply(this.#changesOf(recorded), recorded.position);
      if (failed !== undefined) throw new PoisonEvent(this.table, recorded, failed);
      this.#reached(recorded.position);
    }
  }

  #changesOf(recorded: RecordedEvent): readonly RowChange<Row, Key>[] {
    if (!recorded.stream.startsWith(accountStream) || !this.#view.concerns(recorded)) return [];
    try {
      const event = decodeEvent(recorded.data);
      return this.#view.changes({ cluster: recorded.stream.slice(accountStream.length), position: recorded.position, event });
    } catch (cause) {
      throw new PoisonEvent(this.table, recorded, cause);
    }
  }

  /** Repeats through outages; undefined when the signal came first. */
  async #insist<Result>(attempt: () => Promise<Result>): Promise<Result | undefined> {
    const { signal, logger } = this.#surroundings;
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
