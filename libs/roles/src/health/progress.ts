const patienceMs = 30_000;

/** Whether a follower of the log comes forward: one that has much to do is well, one that stands still behind the head is not. */
export class Progress {
  readonly #now: () => number;
  #position = -1n;
  #movedMs: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#movedMs = now();
  }

  isStuck(position: bigint, head: bigint): boolean {
    if (position >= head || position !== this.#position) this.#movedMs = this.#now();
    this.#position = position;
    return this.#now() - this.#movedMs >= patienceMs;
  }
}
