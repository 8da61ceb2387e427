/**
 * So many rounds of a storm, by an environment variable more or fewer, and no longer than so many seconds: on a machine that has much else to do
 * fewer of them fall into the time that CI has, and prove as much of each. Without the variable set, that is.
 */
export class Rounds {
  readonly most: number;
  /** Fewer prove nothing. */
  readonly least: number;
  readonly #secondsMax: number;
  #begun: number | undefined;
  #done = 0;

  constructor(
    variable: string,
    { most, seconds, least = 5 }: { readonly most: number; readonly seconds: number; readonly least?: number },
  ) {
    const wanted = process.env[variable];
    this.most = wanted === undefined ? most : Number(wanted);
    this.least = wanted === undefined ? Math.min(least, most) : this.most;
    this.#secondsMax = wanted === undefined ? seconds : Infinity;
  }

  get done(): number {
    return this.#done;
  }

  /** Whether there is another one; counts it, or the several that it stands for. */
  next(count = 1): boolean {
    this.#begun ??= performance.now();
    if (this.#done >= this.most || (this.#done >= this.least && performance.now() - this.#begun > this.#secondsMax * 1000)) return false;
    this.#done += count;
    return true;
  }

  *[Symbol.iterator](): Generator<number> {
    while (this.next()) yield this.#done;
  }
}
