/** Something that has collected output and writes it when told to. */
export type Flushable = { flush(): void };

/** Writing may take this share of the time, and holds nothing back longer than `pauseMaxMs`. */
const pausePerFlush = 3;
const pauseMaxMs = 25;
/**
 * Requests get their turn after so many: half a millisecond of writing. A write takes several turns, from its first byte to its answer,
 * and waits in each of them for what is being written.
 */
const streamsPerTurn = 25;

/**
 * Writes to all watchers together, so that what happens in one breath is one write per watcher. While writing is cheap it
 * follows each event at once; the longer a round takes, the longer the next one collects.
 */
export class FlushQueue {
  #waiting = new Set<Flushable>();
  #scheduled = false;
  #notBefore = 0;
  /** What the round under way has taken of the processor: what others had of it meanwhile is no reason to wait. */
  #spentMs = 0;

  add(stream: Flushable): void {
    this.#waiting.add(stream);
    if (!this.#scheduled) this.#schedule();
  }

  flushAll(): void {
    const streams = this.#waiting;
    this.#waiting = new Set();
    this.#spentMs = 0;
    this.flushSome(streams.values());
  }

  flushSome(streams: Iterator<Flushable>): void {
    const before = process.threadCpuUsage();
    let next = streams.next();
    for (let left = streamsPerTurn; !next.done && left > 0; left--, next = streams.next()) next.value.flush();
    const { user, system } = process.threadCpuUsage(before);
    this.#spentMs += (user + system) / 1_000;
    if (!next.done) setImmediate(flushSome, this, next.value, streams);
    else this.#end();
  }

  #end(): void {
    this.#notBefore = performance.now() + Math.min(pauseMaxMs, this.#spentMs * pausePerFlush);
    this.#scheduled = false;
    if (this.#waiting.size > 0) this.#schedule();
  }

  #schedule(): void {
    this.#scheduled = true;
    const pause = this.#notBefore - performance.now();
    if (pause >= 1) setTimeout(flushAll, pause, this);
    else setImmediate(flushAll, this);
  }
}

/** The one of this process: whoever streams shares the time that writing may take. */
export const flushes = new FlushQueue();

function flushAll(queue: FlushQueue): void {
  queue.flushAll();
}

function flushSome(queue: FlushQueue, first: Flushable, others: Iterator<Flushable>): void {
  first.flush();
  queue.flushSome(others);
}
