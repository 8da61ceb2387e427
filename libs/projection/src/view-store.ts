import type { View, ViewChange } from './projection.ts';

/** How far a view is. */
export type ViewState = {
  /** Everything up to here is in its table; 0n for one that never ran. */
  readonly position: bigint;
  /** Why it stands still; null as long as it moves. */
  readonly failure: string | null;
};

/** The right to write a view, until somebody else takes it. */
export type ViewLead = { readonly epoch: bigint; readonly position: bigint };

/** Where a view's rows and its checkpoint are kept. */
export interface ViewStore {
  /** @throws ViewsUnavailable */
  state(table: string): Promise<ViewState>;
  /** The views that stand still, and why. @throws ViewsUnavailable */
  failures(): Promise<readonly { readonly table: string; readonly failure: string }[]>;
  /** Takes the right to write the view from whoever has it, and forgets why it stood still. @throws ViewsUnavailable */
  lead(table: string): Promise<ViewLead>;
  /**
   * Makes the changes in order and remembers the position, both or neither. `overtaken`: another has led since, and nothing was changed.
   * @throws ViewsUnavailable when the store is away: worth repeating. Anything else is the changes' own fault.
   */
  apply(view: View, changes: readonly ViewChange[], lead: ViewLead): Promise<'applied' | 'overtaken'>;
  /** Remembers why the view stands still, unless another has led since. @throws ViewsUnavailable */
  stop(table: string, epoch: bigint, failure: string): Promise<void>;
}

/** The views cannot be written or read now. */
export class ViewsUnavailable extends Error {
  constructor(cause: unknown) {
    super(`the views cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'ViewsUnavailable';
  }
}
