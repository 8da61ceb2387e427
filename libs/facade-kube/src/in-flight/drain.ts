import { setTimeout as pause } from 'node:timers/promises';
import type { InFlight } from './in-flight.ts';

const lookEveryMs = 20;

/**
 * Lets a server stop without breaking anything off: it tells clients to go elsewhere with their next request, ends watches a few at a time, and
 * knows when the last answer is out.
 */
export class Drain {
  #isDraining = false;
  readonly #open = new Set<InFlight>();
  readonly #watches = new Map<InFlight, () => void>();
  /** Watches whose last words are on their way. */
  readonly #ending = new Set<InFlight>();

  /** To be told of every request. */
  arrived(inFlight: InFlight): void {
    this.#open.add(inFlight);
    if (this.#isDraining) inFlight.response.shouldKeepAlive = false;
  }

  /** To be told when it is over. */
  left(inFlight: InFlight): void {
    this.#open.delete(inFlight);
    this.#watches.delete(inFlight);
    this.#ending.delete(inFlight);
  }

  /** The request is an open watch; `end` is to end it as its time being up does. */
  watching(inFlight: InFlight, end: () => void): void {
    this.#watches.set(inFlight, end);
  }

  /** Ends all watches, spread over so much time, so that their clients do not all come to another server at once. Others go on as before. */
  async begin(spreadMs: number): Promise<void> {
    this.#isDraining = true;
    for (const endMs = performance.now() + spreadMs; ;) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) break;
      const steps = Math.ceil(leftMs / lookEveryMs);
      this.#end(Math.floor(this.#watches.size / steps));
      await pause(Math.min(lookEveryMs, leftMs));
    }
    this.#end(this.#watches.size);
  }

  /**
   * Waits until every answer is out, but for those that go on for as long as the client likes; false where that takes longer than it may.
   * Connections close with their next answer: node takes one for idle, and would cut it, whose answer is ended and not yet sent.
   */
  async idle(maxMs: number): Promise<boolean> {
    for (const endMs = performance.now() + maxMs; ;) {
      if (!this.#isAnswering()) return true;
      if (performance.now() > endMs) return false;
      await pause(lookEveryMs);
    }
  }

  #isAnswering(): boolean {
    if (this.#ending.size > 0) return true;
    for (const { lane } of this.#open) if (lane !== 'watching') return true;
    return false;
  }

  #end(count: number): void {
    let left = count;
    for (const [inFlight, end] of this.#watches) {
      if (left <= 0) return;
      left -= 1;
      this.#watches.delete(inFlight);
      this.#ending.add(inFlight);
      end();
    }
  }
}
