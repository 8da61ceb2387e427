import type { ExecutionResult } from 'graphql';
import type { LiveSink } from './following.ts';
import type { LiveFrame } from './projection.ts';

type Taken = IteratorResult<ExecutionResult, undefined>;

/** Results that wait for more than this are given up, with the connection. */
const waitingLettersMax = 8 * 1024 * 1024;
const waitingMax = 100;

/**
 * Results that are asked for one after the other. Not a generator of the language's: such a one is not ended while a result is waited
 * for, which may be for ever.
 */
export class LiveQueue implements AsyncGenerator<ExecutionResult, undefined, undefined> {
  readonly sink: LiveSink;
  readonly #onOverrun: () => void;
  #frames: LiveFrame[] = [];
  #letters = 0;
  #isComplete = false;
  #wake: (() => void) | undefined;
  #made: (() => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(onOverrun: () => void) {
    this.#onOverrun = onOverrun;
    const isOpen = (): boolean => !this.#isComplete;
    this.sink = {
      get isOpen() {
        return isOpen();
      },
      next: (frame) => this.#put(frame),
      room: () => (this.#frames.length < waitingMax ? undefined : new Promise((resolve) => (this.#made = resolve))),
      complete: () => this.#complete(),
    };
  }

  /** Calls back once, when nobody asks any more. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  async next(): Promise<Taken> {
    while (this.#frames.length === 0) {
      if (this.#isComplete) return this.return();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const frame = this.#frames.shift() as LiveFrame;
    this.#letters -= frame.text.length;
    if (this.#frames.length < waitingMax) this.#made?.();
    return { done: false, value: frame.result };
  }

  return(): Promise<Taken> {
    this.#frames = [];
    this.#complete();
    this.#made?.();
    const end = this.#onEnd;
    this.#onEnd = undefined;
    end?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(): Promise<Taken> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #put(frame: LiveFrame): void {
    if (this.#isComplete) return;
    this.#frames.push(frame);
    this.#letters += frame.text.length;
    if (this.#letters > waitingLettersMax) this.#onOverrun();
    this.#wake?.();
  }

  #complete(): void {
    this.#isComplete = true;
    this.#wake?.();
  }
}
