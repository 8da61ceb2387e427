import type { ActorFold } from './actor-fold.ts';
import { inTurn } from './in-turn.ts';
import type { Loaded } from './load-stream.ts';
import { keptText } from './snapshot-text.ts';
import type { SnapshotStore } from './stores.ts';

/** The stream as it is in memory at the moment. */
export type Held<State> = { readonly stream: string; readonly state: State; readonly revision: bigint };

export type SnapshotOptions = {
  readonly snapshots?: SnapshotStore | undefined;
  /** Called when a snapshot in the background is kept: what it includes need not be read again. */
  readonly onSnapshot?: ((revision: bigint) => Promise<void>) | undefined;
};

/**
 * A snapshot of a large state costs more, and is taken after more events: one for about a quarter of what it holds. To fold an event takes ten
 * times as long as to restore as much of a snapshot.
 */
const snapshotEveryEvents = 1000;
const snapshotLengthPerEvent = 4096;
/** Whichever comes first: a few events can be as long as thousands. In characters. */
const snapshotEveryLength = 2_000_000;

/** When the snapshots of one stream are due, and how they are taken. */
export class StreamSnapshots<State, Event, Effect> {
  readonly #held: Held<State>;
  readonly #fold: ActorFold<State, Event, Effect>;
  readonly #options: SnapshotOptions;
  #revision: bigint;
  #length: number;
  /** How long the events behind the snapshot are, in characters. */
  #tailLength: number;
  #waits = false;

  constructor(held: Held<State>, fold: ActorFold<State, Event, Effect>, options: SnapshotOptions, loaded: Loaded<State>) {
    this.#held = held;
    this.#fold = fold;
    this.#options = options;
    this.#revision = loaded.snapshotRevision;
    this.#length = loaded.snapshotLength;
    this.#tailLength = loaded.tailLength;
  }

  /** The state holds more events, so long in characters. */
  grown(length: number): void {
    this.#tailLength += length;
  }

  /** Takes one in the background, if enough has happened. */
  takeWhenDue(): void {
    const eventsMin = Math.max(snapshotEveryEvents, Math.ceil(this.#length / snapshotLengthPerEvent));
    const isLong = this.#tailLength >= Math.max(snapshotEveryLength, this.#length / 4);
    this.takeSoon(isLong ? 1n : BigInt(eventsMin));
  }

  /** When its turn comes: many streams may be due at once. */
  takeSoon(eventsMin: bigint): void {
    if (this.#waits || !this.#hasGrownBy(eventsMin)) return;
    this.#waits = true;
    inTurn(async () => {
      this.#waits = false;
      await this.take(eventsMin);
      if (this.#revision >= 0n && this.#options.snapshots) await this.#options.onSnapshot?.(this.#revision);
    });
  }

  async take(eventsMin: bigint): Promise<void> {
    const { snapshots } = this.#options;
    if (!snapshots || !this.#hasGrownBy(eventsMin) || this.#fold.isOver?.(this.#held.state)) return;
    const { revision } = this.#held;
    const pieces = this.#fold.takeSnapshot(this.#held.state);
    this.#revision = revision;
    this.#tailLength = 0;
    const text = await keptText(pieces);
    this.#length = text.length;
    await snapshots.save(this.#held.stream, { revision, shape: this.#fold.snapshotShape, text });
  }

  #hasGrownBy(eventsMin: bigint): boolean {
    return this.#held.revision - this.#revision >= eventsMin;
  }
}
