import type { CheckpointStore, Snapshot, SnapshotStore } from './stores.ts';

/** Snapshots that live as long as the process. */
export class MemorySnapshotStore implements SnapshotStore {
  readonly #snapshots = new Map<string, Snapshot>();

  async load(stream: string): Promise<Snapshot | undefined> {
    return this.#snapshots.get(stream);
  }

  async save(stream: string, snapshot: Snapshot): Promise<void> {
    const kept = this.#snapshots.get(stream);
    if (kept?.shape === snapshot.shape && kept.revision > snapshot.revision) return;
    this.#snapshots.set(stream, snapshot);
  }

  async remove(stream: string): Promise<void> {
    this.#snapshots.delete(stream);
  }
}

/** Checkpoints that live as long as the process. */
export class MemoryCheckpointStore implements CheckpointStore {
  readonly #positions = new Map<string, bigint>();

  async load(follower: string): Promise<bigint> {
    return this.#positions.get(follower) ?? 0n;
  }

  async save(follower: string, position: bigint): Promise<void> {
    this.#positions.set(follower, position);
  }

  async lowest(followers: readonly string[]): Promise<bigint> {
    const positions = followers.map((follower) => this.#positions.get(follower) ?? 0n);
    return positions.reduce((least, position) => (position < least ? position : least), positions[0] ?? 0n);
  }
}
