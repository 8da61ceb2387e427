import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailable } from '#stream';
import { failureOf, tooLarge, unavailable, Unanswered } from './failures.ts';

const pauseMin = 10;
const pauseMax = 500;

export type PatienceOptions = {
  /** How long calls are repeated while the server stays away, in milliseconds. */
  readonly patienceMs: number;
  /** How long one attempt may take. */
  readonly attemptMs: number;
};

/**
 * Repeats what may be repeated while the server is away, for a limited time. While it stays away, later callers get one attempt only, so
 * that they do not queue up behind a server that is down.
 */
export class Patience {
  readonly attemptMs: number;
  readonly #patienceMs: number;
  #awaySince: number | undefined;
  #gaveUp = false;

  constructor({ patienceMs, attemptMs }: PatienceOptions) {
    this.#patienceMs = patienceMs;
    this.attemptMs = attemptMs;
  }

  /** @throws LogUnavailable when the server refuses or stays away; AppendTooLarge; whatever else `attempt` throws. */
  async insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let wait = pauseMin; ; wait = Math.min(wait * 2, pauseMax)) {
      if (this.#gaveUp) throw new LogUnavailable('the event log was closed');
      try {
        const result = await this.within(attempt());
        this.answered();
        return result;
      } catch (failure) {
        await this.afterFailure(failure, wait);
      }
    }
  }

  /** From now on, what fails is not repeated: the log was closed. */
  giveUp(): void {
    this.#gaveUp = true;
  }

  /** The server has answered: it is there. */
  answered(): void {
    this.#awaySince = undefined;
  }

  /** Waits before the next attempt. @throws what the attempt failed with, where another one makes no sense */
  async afterFailure(failure: unknown, waitMs: number): Promise<void> {
    const kind = failureOf(failure);
    if (kind === 'fault') throw failure;
    if (kind === 'unavailable') throw unavailable(failure);
    if (kind === 'too large') throw tooLarge(failure);
    this.#awaySince ??= performance.now();
    if (this.#gaveUp || performance.now() - this.#awaySince > this.#patienceMs) throw unavailable(failure);
    await pause(waitMs);
  }

  /** What comes after the deadline is ignored. */
  async within<Result>(promise: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Unanswered(this.attemptMs)), this.attemptMs);
    try {
      return await Promise.race([promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
