import type { RecordedEvent } from './event-log.ts';

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
  /** The position that all of these followers have passed, and all views of the same store. */
  lowest(followers: readonly string[]): Promise<bigint>;
}

/**
 * Where events go that the log keeps no longer, so that a stream can still be folded from its beginning, and the whole log be read from
 * its own. Passes `eventArchiveContract`.
 */
export interface EventArchive {
  /** Durable when it resolves. What it holds already is not taken twice. */
  keep(events: readonly RecordedEvent[]): Promise<void>;
  /** Events of one stream with `revision >= from`, oldest first. */
  readStream(stream: string, from: bigint): AsyncIterable<RecordedEvent>;
  /** Events of all streams with `after < position <= until`, in the order of their positions, in batches. */
  readAll(after: bigint, until?: bigint): AsyncIterable<readonly RecordedEvent[]>;
  remove(stream: string): Promise<void>;
}
