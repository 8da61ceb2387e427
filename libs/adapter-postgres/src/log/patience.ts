import { setTimeout as pause } from 'node:timers/promises';
import { failureOf, unavailable } from './outage.ts';

const pauseMin = 10;
const pauseMax = 500;

/**
 * Repeats what may be repeated while the server is away, for a limited time. While the server stays away, later
 * attempts get one try only, so that callers do not queue up behind a database that is down.
 */
export class Patience {
  readonly #patienceMs: number;
  #awaySince: number | undefined;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** @throws LogUnavailable when the server refuses or stays away; whatever else `attempt` throws. */
  async insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let wait = pauseMin; ; wait = Math.min(wait * 2, pauseMax)) {
      try {
        const result = await attempt();
        this.#awaySince = undefined;
        return result;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'fault') throw error;
        if (failure === 'unavailable') throw unavailable(error);
        this.#awaySince ??= performance.now();
        if (performance.now() - this.#awaySince > this.#patienceMs) throw unavailable(error);
        await pause(wait);
      }
    }
  }
}
