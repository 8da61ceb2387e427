import type { View, ViewChange } from './projection.ts';

/** Where a view's rows and its checkpoint are kept. */
export interface ViewStore {
  /** How far the view has come; 0n for one that never ran. @throws ViewsUnavailable */
  position(table: string): Promise<bigint>;
  /**
   * Makes the changes in order and remembers the position, both or neither.
   * @throws ViewsUnavailable when the store is away: worth repeating. Anything else is the changes' own fault.
   */
  apply(view: View, changes: readonly ViewChange[], position: bigint): Promise<void>;
}

/** The views cannot be written or read now. */
export class ViewsUnavailable extends Error {
  constructor(cause: unknown) {
    super(`the views cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'ViewsUnavailable';
  }
}
