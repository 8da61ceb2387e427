const pauseMsMin = 200;
const pauseMsMax = 5_000;

/** Does something again after a pause, which grows from time to time: what is out of reach is not asked for more and more often. */
export class Later {
  readonly #act: () => void;
  #pauseMs = pauseMsMin;
  #timer: NodeJS.Timeout | undefined;

  constructor(act: () => void) {
    this.#act = act;
  }

  /** Once, however often it is asked meanwhile. */
  ask(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#act();
    }, this.#pauseMs).unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMsMax);
  }

  /** All is well: the next pause is a short one. */
  forget(): void {
    this.#pauseMs = pauseMsMin;
  }
}
