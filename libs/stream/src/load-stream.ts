import { counter } from '#telemetry';
import type { ActorFold, CommittedListener } from './actor-fold.ts';
import { noRevision, StreamTruncated, type EventLog, type RecordedEvent } from './event-log.ts';
import { intactText } from './snapshot-text.ts';
import type { EventArchive, Snapshot, SnapshotStore } from './stores.ts';

export type LoadOptions<Event, Effect> = {
  readonly log: EventLog;
  readonly onCommitted: CommittedListener<Event, Effect>;
  readonly snapshots?: SnapshotStore | undefined;
  /** Where the beginning of the stream went, if it was taken from the log. */
  readonly archive?: Pick<EventArchive, 'readStream'> | undefined;
  /** Whether a stream whose beginning is nowhere may be taken for what is left of it. `first` is the oldest event left. */
  readonly mayForget?: ((first: Event) => boolean) | undefined;
};

/** The fold of a stream as of `revision`, and the snapshot it was begun from. */
export type Loaded<State> = {
  state: State;
  revision: bigint;
  snapshotRevision: bigint;
  snapshotLength: number;
  /** How long the events behind the snapshot are, in characters. */
  tailLength: number;
};

const ignored = counter({
  name: 'tributary_snapshots_ignored_total',
  help: 'Snapshots that were of no use and were made anew from the log: of an older shape, not as they were written, or of what the log does not hold.',
  labels: { reason: ['shape', 'torn', 'ahead', 'behind'] },
});

/**
 * A stream's fold: from the newest snapshot and the events behind it. A snapshot that is of another shape, is not what was written, or does
 * not fit the log is ignored, and everything is folded anew, from the archive where the log no longer has it.
 * @throws StreamTruncated where the beginning is nowhere
 */
export async function loadStream<State, Event, Effect>(
  stream: string,
  fold: ActorFold<State, Event, Effect>,
  options: LoadOptions<Event, Effect>,
): Promise<Loaded<State>> {
  const snapshot = await options.snapshots?.load(stream);
  const loading = new Loading(stream, fold, options);
  if (snapshot && (await loading.fromSnapshot(snapshot))) return loading.loaded;
  await loading.fromTheBeginning();
  return loading.loaded;
}

class Loading<State, Event, Effect> {
  readonly #stream: string;
  readonly #fold: ActorFold<State, Event, Effect>;
  readonly #options: LoadOptions<Event, Effect>;
  loaded: Loaded<State>;

  constructor(stream: string, fold: ActorFold<State, Event, Effect>, options: LoadOptions<Event, Effect>) {
    this.#stream = stream;
    this.#fold = fold;
    this.#options = options;
    this.loaded = nothingLoaded(this.#fold);
  }

  async fromSnapshot({ shape, text, revision }: Snapshot): Promise<boolean> {
    if (shape !== this.#fold.snapshotShape) return this.#ignore('shape');
    const body = intactText(text);
    if (body === undefined) return this.#ignore('torn');
    await this.#fold.prepare?.(body, 'snapshot');
    const state = this.#fold.restoreSnapshot(body);
    this.loaded = { state, revision, snapshotRevision: revision, snapshotLength: text.length, tailLength: 0 };
    return this.#tailOf(revision);
  }

  /** Reads the event that the snapshot ends with once more: if the log does not have it, the snapshot tells of something that never was. */
  async #tailOf(revision: bigint): Promise<boolean> {
    let met = false;
    try {
      for await (const recorded of this.#options.log.readStream(this.#stream, revision)) {
        if (recorded.revision > revision) await this.#take(recorded);
        met = true;
      }
      return met || this.#ignore('ahead');
    } catch (failure) {
      if (!(failure instanceof StreamTruncated)) throw failure;
      if (failure.first > revision + 1n) return this.#ignore('behind');
      await this.#rest();
      return true;
    }
  }

  async fromTheBeginning(): Promise<void> {
    this.loaded = nothingLoaded(this.#fold);
    try {
      await this.#rest();
    } catch (failure) {
      if (!(failure instanceof StreamTruncated)) throw failure;
      if (!(await this.#archivedUpTo(failure.first))) await this.#fromWhatIsLeft(failure);
      await this.#rest();
    }
  }

  async #archivedUpTo(first: bigint): Promise<boolean> {
    for await (const recorded of this.#options.archive?.readStream(this.#stream, 0n) ?? []) {
      if (recorded.revision >= first || recorded.revision !== this.loaded.revision + 1n) break;
      await this.#take(recorded);
    }
    return this.loaded.revision + 1n === first;
  }

  async #fromWhatIsLeft(failure: StreamTruncated): Promise<void> {
    this.loaded = { ...nothingLoaded(this.#fold), revision: failure.first - 1n };
    for await (const { data } of this.#options.log.readStream(this.#stream, failure.first)) {
      if (this.#options.mayForget?.(await this.#decoded(data)) !== true) throw failure;
      return;
    }
    if (this.#options.mayForget === undefined) throw failure;
  }

  async #rest(): Promise<void> {
    for await (const recorded of this.#options.log.readStream(this.#stream, this.loaded.revision + 1n)) await this.#take(recorded);
  }

  async #take({ data, revision }: RecordedEvent): Promise<void> {
    const event = await this.#decoded(data);
    const effect = this.#fold.evolve(this.loaded.state, event, revision);
    this.loaded.revision = revision;
    this.loaded.tailLength += data.length;
    this.#options.onCommitted([{ event, revision, effect }], true);
  }

  /** Without a turn of the event loop for what needs no waiting: histories are long. */
  #decoded(data: string): Event | Promise<Event> {
    const needed = this.#fold.prepare?.(data, 'event');
    return needed ? needed.then(() => this.#fold.decode(data)) : this.#fold.decode(data);
  }

  #ignore(reason: 'shape' | 'torn' | 'ahead' | 'behind'): false {
    ignored.add({ reason });
    return false;
  }
}

export const nothingLoaded = <State, Event, Effect>(fold: ActorFold<State, Event, Effect>): Loaded<State> => ({
  state: fold.initial(),
  revision: noRevision,
  snapshotRevision: noRevision,
  snapshotLength: 0,
  tailLength: 0,
});
