import { setTimeout as delay } from 'node:timers/promises';

/** Waits longer after each failure, with a little chance so that many do not come back at once. */
export class Backoff {
  #failures = 0;
  readonly #firstMs: number;
  readonly #mostMs: number;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Resolves after the wait, or at once when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(this.#firstMs * 2 ** Math.min(this.#failures, 20), this.#mostMs);
    this.#failures += 1;
    await delay(waitMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}
