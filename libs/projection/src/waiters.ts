/** Those who wait until a view has reached a position. */
export class Waiters {
  readonly #table: string;
  #waiting: Waiting[] = [];
  #ended = false;
  /** Called when somebody begins to wait. */
  onCome: (() => void) | undefined;

  constructor(table: string) {
    this.#table = table;
  }

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  wait(position: bigint, reached: bigint): Promise<void> {
    if (position <= reached) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#failure(position));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ position, resolve, reject });
    this.onCome?.();
    return promise;
  }

  reached(position: bigint): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting) if (waiting.position <= position) waiting.resolve();
    this.#waiting = this.#waiting.filter((waiting) => waiting.position > position);
  }

  /** The position that others wait for will not be reached any more. */
  end(): void {
    this.#ended = true;
    for (const { position, reject } of this.#waiting) reject(this.#failure(position));
    this.#waiting = [];
  }

  #failure(position: bigint): Error {
    return new Error(`the view ${this.#table} ended before position ${position}`);
  }
}

type Waiting = { readonly position: bigint; readonly resolve: () => void; readonly reject: (error: Error) => void };
