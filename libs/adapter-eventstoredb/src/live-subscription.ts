import { setTimeout as pause } from 'node:timers/promises';
import { LiveTail } from '#stream';
import type { Logger } from '#telemetry';
import { failureOf } from './failures.ts';
import { placeAt, toldUpTo, type Place } from './recorded.ts';
import type { WholeLog } from './whole-log.ts';

const resubscribePauseMin = 50;
const resubscribePauseMax = 2_000;
/** How often is looked whether the subscription still tells what is appended. */
const superviseMs = 5_000;

/**
 * Feeds subscribers every event once, in the server's order: one subscription for the whole process. One that breaks, ends or falls silent
 * is made again where it stood; the client would leave it dead.
 */
export class LiveSubscription {
  readonly live = new LiveTail();
  readonly #whole: WholeLog;
  readonly #log: Logger;
  readonly #closed = new AbortController();
  #current = new AbortController();
  /** Everything up to here has been published. */
  #seen: Place;

  constructor(whole: WholeLog, from: bigint, log: Logger) {
    this.#whole = whole;
    this.#seen = placeAt(from);
    this.#log = log;
  }

  start(): void {
    void this.#subscribe();
    void this.#supervise();
  }

  close(): void {
    this.#closed.abort();
    this.#current.abort();
  }

  async #subscribe(): Promise<void> {
    for (let wait = resubscribePauseMin; !this.#closed.signal.aborted; wait = Math.min(wait * 2, resubscribePauseMax)) {
      this.#current = new AbortController();
      try {
        for await (const { events, place } of this.#whole.follow(this.#seen, { signal: this.#current.signal })) {
          this.#seen = place;
          if (events.length > 0) this.live.publish(events);
          wait = resubscribePauseMin;
        }
      } catch (failure) {
        const level = failureOf(failure) === 'lost' ? 'debug' : 'warn';
        if (!this.#closed.signal.aborted) this.#log[level]({ err: failure }, 'the subscription to the log broke');
      }
      await this.#paused(wait);
    }
  }

  /** Two looks at the head with nothing told between them: the subscription is deaf. */
  async #supervise(): Promise<void> {
    for (let missed: bigint | undefined; await this.#paused(superviseMs);) {
      const seen = toldUpTo(this.#seen);
      if (missed !== undefined && seen < missed) {
        this.#log.warn({ seen: `${seen}`, head: `${missed}` }, 'the subscription to the log fell silent');
        this.#current.abort();
        missed = undefined;
        continue;
      }
      const head = this.live.followers === 0 ? undefined : await this.#whole.head().catch(() => undefined);
      missed = head !== undefined && head > toldUpTo(this.#seen) ? head : undefined;
    }
  }

  /** False when closed meanwhile. */
  #paused(ms: number): Promise<boolean> {
    return pause(ms, undefined, { signal: this.#closed.signal, ref: false }).then(
      () => true,
      () => false,
    );
  }
}
