/** Something that has collected output and writes it when told to. */
export type Flushable = { flush(): void };

/** Writing may take this share of the time, and holds nothing back longer than `pauseMaxMs`. */
const pausePerFlush = 3;
const pauseMaxMs = 5;

/**
 * Writes to all watchers together, so that what happens in one breath is one write per watcher. While writing is cheap it
 * follows each event at once; the longer a round takes, the longer the next one collects.
 */
export class FlushQueue {
  #waiting = new Set<Flushable>();
  #scheduled = false;
  #notBefore = 0;

  add(stream: Flushable): void {
    this.#waiting.add(stream);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const pause = this.#notBefore - performance.now();
    if (pause >= 1) setTimeout(flushAll, pause, this);
    else setImmediate(flushAll, this);
  }

  flushAll(): void {
    const streams = this.#waiting;
    this.#waiting = new Set();
    this.#scheduled = false;
    const began = performance.now();
    for (const stream of streams) stream.flush();
    const ended = performance.now();
    this.#notBefore = ended + Math.min(pauseMaxMs, (ended - began) * pausePerFlush);
  }
}

/** The one of this process: whoever streams shares the time that writing may take. */
export const flushes = new FlushQueue();

function flushAll(queue: FlushQueue): void {
  queue.flushAll();
}
