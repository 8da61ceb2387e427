import type { View, ViewChange } from '#projection';

/** What stands beside the log, as whoever checks or copies an installation looks at it. Nothing in here changes what is kept. */
export interface Holdings {
  /** How far each follower of the log has come. */
  checkpoints(): Promise<ReadonlyMap<string, bigint>>;
  /** The streams of which a snapshot is kept, in no order. */
  snapshotStreams(): AsyncIterable<string>;
  /** What a view shows at this moment, to be compared with a replay. */
  copyView(view: View): Promise<ViewCopy>;
}

/** A view as it was at one moment, and an empty table like it for the replay. */
export interface ViewCopy {
  /** The last position that the view holds. */
  readonly position: bigint;
  /** Makes changes in the replay's table. */
  replay(changes: readonly ViewChange[]): Promise<void>;
  /** Yields each row in which the two differ, by its key. */
  differences(): AsyncIterable<RowDifference>;
  close(): Promise<void>;
}

export type RowDifference = {
  /** `strange`: no event accounts for it. */
  readonly type: 'missing' | 'strange' | 'differs';
  readonly key: Readonly<Record<string, string>>;
  /** Which columns differ. */
  readonly columns: readonly string[];
};
