import { equalJson, type KubeObject } from '#kube';
import { shown } from './verbs/verb-context.ts';
import type { StoredObject } from './workspaces.ts';

/** How many of the newest changes are kept, for watches that resume. */
const keptMax = 128;

export type FeedChange = {
  readonly position: bigint;
  readonly before: StoredObject | undefined;
  /** When `removed`, the last state, at the removal's position. */
  readonly after: StoredObject;
  readonly removed: boolean;
};

export type FeedFollower = { readonly changed: (changes: readonly FeedChange[]) => void; readonly ended: () => void };

type Entry = { readonly computed: KubeObject; readonly stored: StoredObject };

/**
 * The objects of one computed kind in one workspace, and what has changed about them whenever they were computed again. Its positions
 * are its own: they grow strictly, over all feeds of a process and from one process to the next, and say nothing to another feed.
 */
export class ComputedFeed {
  readonly #compute: () => Promise<readonly KubeObject[]>;
  readonly #keepUp: (feed: ComputedFeed) => () => void;
  readonly #followers = new Set<FeedFollower>();
  #entries: ReadonlyMap<string, Entry> | undefined;
  #changes: FeedChange[] = [];
  #floor = 0n;
  #position = 0n;
  #stop: (() => void) | undefined;

  /**
   * `compute` answers the objects by name, later calls not older ones. `keepUp` is called when somebody follows: from then on it calls
   * `refresh` whenever something may have changed, until its answer is called.
   */
  constructor(compute: () => Promise<readonly KubeObject[]>, keepUp: (feed: ComputedFeed) => () => void) {
    this.#compute = compute;
    this.#keepUp = keepUp;
  }

  get position(): bigint {
    return this.#position;
  }

  /** From where on changes are known. */
  get floor(): bigint {
    return this.#floor;
  }

  get objects(): readonly StoredObject[] {
    return [...(this.#entries?.values() ?? [])].map(({ stored }) => stored);
  }

  /** Computes the objects as they are now. */
  async refresh(): Promise<void> {
    const objects = await this.#compute();
    const changes = this.#absorb(objects);
    if (changes.length > 0) for (const { changed } of this.#followers) changed(changes);
  }

  /** What changed after a position; undefined where that is not one of this feed's, or is too old. */
  changesAfter(position: bigint): readonly FeedChange[] | undefined {
    if (position === this.#floor) return this.#changes;
    const index = this.#changes.findIndex((change) => change.position === position);
    return index === -1 ? undefined : this.#changes.slice(index + 1);
  }

  /** Tells of what changes from now on. Answers how to end it. */
  follow(follower: FeedFollower): () => void {
    this.#followers.add(follower);
    this.#stop ??= this.#keepUp(this);
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  end(): void {
    for (const { ended } of [...this.#followers]) ended();
  }

  #absorb(objects: readonly KubeObject[]): readonly FeedChange[] {
    const known = this.#entries;
    if (!known) this.#floor = this.#position = nextPosition();
    const entries = new Map<string, Entry>();
    const changes: FeedChange[] = [];
    for (const computed of objects) {
      const name = computed.metadata.name ?? '';
      const before = known?.get(name);
      if (before && equalJson(before.computed, computed)) entries.set(name, before);
      else {
        const position = known ? nextPosition() : this.#position;
        const after = at(computed, position);
        entries.set(name, { computed, stored: after });
        if (known) changes.push({ position, before: before?.stored, after, removed: false });
      }
    }
    for (const [name, { computed, stored }] of known ?? []) {
      if (entries.has(name)) continue;
      const position = nextPosition();
      changes.push({ position, before: stored, after: at(computed, position), removed: true });
    }
    this.#entries = entries;
    this.#keep(changes);
    return changes;
  }

  #keep(changes: readonly FeedChange[]): void {
    this.#changes.push(...changes);
    this.#position = this.#changes.at(-1)?.position ?? this.#position;
    const dropped = this.#changes.splice(0, Math.max(0, this.#changes.length - keptMax));
    this.#floor = dropped.at(-1)?.position ?? this.#floor;
  }
}

function at(object: KubeObject, position: bigint): StoredObject {
  const metadata = { ...object.metadata, resourceVersion: String(position) };
  return shown({ uid: metadata.uid ?? '', position }, { ...object, metadata });
}

let last = 0n;

/** Microseconds since 1970, or the next number. */
function nextPosition(): bigint {
  const now = BigInt(Date.now()) * 1_000n;
  last = now > last ? now : last + 1n;
  return last;
}
