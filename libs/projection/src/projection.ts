import type { AccountEvent } from '#account';
import type { RecordedEvent } from '#stream';

/** What one event changes in a view's table. `Key` are the columns that name a row. */
export type RowChange<Row, Key extends keyof Row> =
  /** The row as it now is. Columns that are left out stay as they were; in a new row they are the table's defaults. */
  | { readonly type: 'put'; readonly row: Pick<Row, Key> & Partial<Row> }
  /** Some columns of a row; nothing happens where it is missing. */
  | { readonly type: 'merge'; readonly key: Pick<Row, Key>; readonly columns: Partial<Omit<Row, Key>> }
  /** Every row whose columns are as given. */
  | { readonly type: 'drop'; readonly where: Partial<Row> };

/** An event of an account and its place, in the log and in the account's stream. */
export type PlacedEvent = {
  readonly cluster: string;
  readonly position: bigint;
  readonly revision: bigint;
  readonly event: AccountEvent;
};

/** A view is a table and a pure answer to: what does this event change in it? */
export type Projection<Row, Key extends keyof Row> = {
  readonly table: string;
  readonly key: readonly Key[];
  /**
   * Raised with every change of what events do to rows that stand already: rows of another version are made anew from the log. 1 when absent.
   */
  readonly version?: number;
  /** A cheap look before the event is decoded: false where it cannot change the view. */
  readonly concerns: (recorded: RecordedEvent) => boolean;
  readonly changes: (placed: PlacedEvent) => readonly RowChange<Row, Key>[];
};

/** Any view, for those who only run it. */
export type View = Projection<Readonly<Record<string, unknown>>, string>;
export type ViewChange = RowChange<Readonly<Record<string, unknown>>, string>;
