/**
 * Writes the newest value of each key, many keys in one statement. While one statement runs, the next is gathered; a value
 * that is overtaken before it was sent is never sent, and settles with its successor.
 */
export class LatestWrites<Value> {
  readonly #write: (values: ReadonlyMap<string, Value>) => Promise<unknown>;
  #waiting = new Map<string, Value>();
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(write: (values: ReadonlyMap<string, Value>) => Promise<unknown>) {
    this.#write = write;
  }

  /** Resolves when this value or a newer one is written. `newest` chooses where one for the same key waits already. */
  put(key: string, value: Value, newest: (waiting: Value, value: Value) => Value = (_, later) => later): Promise<void> {
    const waiting = this.#waiting.get(key);
    this.#waiting.set(key, waiting === undefined ? value : newest(waiting, value));
    this.#next ??= this.#last = this.#flushAfter(this.#last);
    return this.#next;
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async #flushAfter(last: Promise<void>): Promise<void> {
    await last.catch(() => undefined);
    const values = this.#waiting;
    this.#waiting = new Map();
    this.#next = undefined;
    await this.#write(values);
  }
}
