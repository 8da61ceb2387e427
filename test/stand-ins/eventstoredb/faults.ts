import { setTimeout as pause } from 'node:timers/promises';
import type { Appended } from './stored-streams.ts';

/**
 * What can befall an append: its answer gets lost, before or after it was kept; the server drops it, as it does a repeated one whose first attempt its
 * followers do not have yet; it says that it took too long; it takes its time; a server that has only just come to lead takes a repeated one for another's.
 */
export type AppendFault =
  | 'cut before commit'
  | 'cut after commit'
  | 'dropped'
  | 'silent after commit'
  | 'timeout after commit'
  | 'not recognised'
  | { readonly delayMs: number };

/** The faults that a spec has ordered. Each befalls one call, in the order in which they were ordered. */
export class Faults {
  readonly #cut: () => void;
  readonly #appends: AppendFault[] = [];
  #deliveriesUntilCut = Infinity;
  /** Appends that reached the server, repeated ones included. */
  appendCalls = 0;
  readCalls = 0;
  /** Calls that were refused because nobody led. */
  leaderless = 0;

  constructor(cut: () => void) {
    this.#cut = cut;
  }

  onNextAppend(...faults: readonly AppendFault[]): void {
    this.#appends.push(...faults);
  }

  /** What was ordered and has not befallen anything yet. */
  forget(): void {
    this.#appends.length = 0;
  }

  /** Cuts every connection when so many events more have been given to subscribers. */
  cutAfterDeliveries(count: number): void {
    this.#deliveriesUntilCut = count;
  }

  async append(commit: () => Appended, answer: (appended: Appended | 'timeout') => void): Promise<void> {
    this.appendCalls += 1;
    const fault = this.#appends.shift();
    if (fault === 'cut before commit') return this.#cut();
    if (fault === 'dropped') return;
    if (typeof fault === 'object') await pause(fault.delayMs);
    const appended = commit();
    if (fault === 'cut after commit') this.#cut();
    else if (fault === 'timeout after commit') answer('timeout');
    else if (fault === 'not recognised' && appended.type === 'success') answer({ type: 'wrong', current: appended.revision });
    else if (fault !== 'silent after commit') answer(appended);
  }

  beforeDelivery(): void {
    if (this.#deliveriesUntilCut-- === 0) this.#cut();
  }
}
