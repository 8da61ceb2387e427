/** The fold of a stream up to and including `revision`, so that loading need not read its whole history. */
export type Snapshot = { readonly revision: bigint; readonly shape: number; readonly text: string };

/** Keeps the newest snapshot of each stream. Losing one costs time, never truth. */
export interface SnapshotStore {
  load(stream: string): Promise<Snapshot | undefined>;
  save(stream: string, snapshot: Snapshot): Promise<void>;
  remove(stream: string): Promise<void>;
}

/** How far each named follower of the log has come. An unknown follower stands at 0n. */
export interface CheckpointStore {
  load(follower: string): Promise<bigint>;
  save(follower: string, position: bigint): Promise<void>;
}
