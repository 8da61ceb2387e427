import {
  AccountState,
  clusterOfStream,
  decodeEvent,
  evolve,
  isSideStream,
  restoreSnapshot,
  sealedUidOf,
  sealedUidsIn,
  snapshotShape,
  stateDifferences,
  type AccountEvent,
} from '#account';
import type { KeyRing, Keys } from '#keys';
import {
  intactText,
  noRevision,
  StreamTruncated,
  type EventArchive,
  type EventLog,
  type RecordedEvent,
  type Snapshot,
  type SnapshotStore,
} from '#stream';
import { messageOf, type Report } from './finding.ts';

export type AccountSources = {
  readonly log: EventLog;
  /** Where the beginnings of streams went that the log keeps no longer. */
  readonly archive: Pick<EventArchive, 'readStream'>;
  readonly snapshots: SnapshotStore;
  readonly keys: Keys;
  readonly report: Report;
};

export type CheckedAccount = {
  readonly state: AccountState;
  /** Of sealed objects, those whose key is not there. */
  readonly unopened: ReadonlySet<string>;
  /** Where each removed object went, as a position in the log. */
  readonly removedAt: ReadonlyMap<string, bigint>;
};

/** Folds one account's stream, event by event, and holds its snapshot against that. Undefined where it cannot be folded. */
export async function checkAccount(stream: string, sources: AccountSources): Promise<CheckedAccount | undefined> {
  const folding = new Folding(stream, sources);
  return folding.run();
}

class Folding {
  readonly #stream: string;
  readonly #sources: AccountSources;
  readonly #ring: KeyRing;
  readonly #unopened = new Set<string>();
  readonly #removedAt = new Map<string, bigint>();
  #state = new AccountState();
  #snapshot: Snapshot | undefined;

  constructor(stream: string, sources: AccountSources) {
    this.#stream = stream;
    this.#sources = sources;
    this.#ring = sources.keys.ring(clusterOfStream(stream));
  }

  async run(): Promise<CheckedAccount | undefined> {
    const { snapshots } = this.#sources;
    const kept = await snapshots.load(this.#stream);
    // One of another shape is ignored by everyone.
    this.#snapshot = kept?.shape === snapshotShape ? kept : undefined;
    try {
      if (!(await this.#fold())) return undefined;
    } catch (failure) {
      this.#report('fold-fails', `${this.#stream} cannot be folded behind revision ${this.#state.revision}: ${messageOf(failure)}`);
      return undefined;
    }
    if (this.#snapshot && this.#snapshot.revision > this.#state.revision)
      this.#report(
        'snapshot-ahead',
        `the snapshot of ${this.#stream} is of revision ${this.#snapshot.revision}, its head is ${this.#state.revision}`,
      );
    return { state: this.#state, unopened: this.#unopened, removedAt: this.#removedAt };
  }

  async #fold(): Promise<boolean> {
    try {
      return await this.#foldFrom(0n);
    } catch (failure) {
      if (!(failure instanceof StreamTruncated)) throw failure;
      return this.#foldBehind(failure.first);
    }
  }

  /** The beginning is gone from the log: it stands in the archive, or the snapshot stands for it. */
  async #foldBehind(first: bigint): Promise<boolean> {
    if (await this.#isArchived(first)) return (await this.#foldAll(this.#archivedBefore(first))) && this.#foldFrom(first);
    const snapshot = this.#snapshot;
    if (snapshot && snapshot.revision >= first - 1n) {
      const restored = await this.#restored(snapshot);
      if (!restored) return false;
      this.#state = restored;
      return this.#foldFrom(snapshot.revision + 1n);
    }
    // What a side stream has forgotten is no loss.
    if (!isSideStream(this.#stream) && !(await this.#isOver(first))) {
      this.#report('history-lost', `${this.#stream} begins with revision ${first}, and no snapshot holds what was before`);
      return false;
    }
    this.#state.revision = first - 1n;
    return this.#foldFrom(first);
  }

  /** Of an account that is gone, only its last event is left. */
  async #isOver(first: bigint): Promise<boolean> {
    for await (const { type } of this.#sources.log.readStream(this.#stream, first)) return type === 'WorkspaceClosed';
    return false;
  }

  async *#archivedBefore(first: bigint): AsyncGenerator<RecordedEvent> {
    for await (const recorded of this.#sources.archive.readStream(this.#stream, 0n)) {
      if (recorded.revision >= first) return;
      yield recorded;
    }
  }

  async #isArchived(first: bigint): Promise<boolean> {
    let next = 0n;
    for await (const { revision } of this.#archivedBefore(first)) {
      if (revision !== next) return false;
      next += 1n;
    }
    return next === first;
  }

  async #foldFrom(from: bigint): Promise<boolean> {
    return (await this.#foldAll(this.#sources.log.readStream(this.#stream, from))) && this.#state.revision !== noRevision;
  }

  async #foldAll(events: AsyncIterable<RecordedEvent>): Promise<boolean> {
    for await (const recorded of events) {
      const event = await this.#read(recorded);
      if (!event) return false;
      this.#judge(recorded, event);
      evolve(this.#state, event, recorded.revision);
      if (recorded.revision === this.#snapshot?.revision) await this.#compare(this.#snapshot);
    }
    return true;
  }

  async #read(recorded: RecordedEvent): Promise<AccountEvent | undefined> {
    try {
      const uid = sealedUidOf(recorded.data);
      if (uid !== undefined && !this.#ring.knows(uid)) await this.#ring.fetch(uid);
      return decodeEvent(recorded.data, { open: (of, sealed) => this.#open(of, sealed) });
    } catch (failure) {
      this.#report('event-unreadable', `${recorded.type} cannot be read: ${messageOf(failure)}`, recorded);
      return undefined;
    }
  }

  #open(uid: string, sealed: string): string | undefined {
    const opened = this.#ring.open(uid, sealed);
    if (opened === undefined) this.#unopened.add(uid);
    return opened;
  }

  /** Each event says where it stands; it must be true. */
  #judge(recorded: RecordedEvent, event: AccountEvent): void {
    if (event.type !== recorded.type) this.#report('event-out-of-place', `${recorded.type} says that it is ${event.type}`, recorded);
    if (!('object' in event)) return;
    if (event.type === 'ResourceRemoved') this.#removedAt.set(event.uid, recorded.position);
    const said = event.object.metadata.resourceVersion;
    const place = `${recorded.revision + 1n}`;
    if (said !== place) this.#report('event-out-of-place', `its object says resourceVersion ${said}, it stands at ${place}`, recorded);
    const before = this.#state.find(event.key);
    if (event.was !== undefined && event.was !== `${before?.position}`)
      this.#report('event-out-of-place', `it follows on ${event.was}, the state before is ${before?.position ?? 'absent'}`, recorded);
  }

  async #compare(snapshot: Snapshot): Promise<void> {
    const restored = await this.#restored(snapshot);
    if (!restored) return;
    for (const difference of stateDifferences(restored, this.#state))
      this.#report('snapshot-differs', `in the snapshot of ${this.#stream}, ${difference}`, snapshot);
  }

  async #restored(snapshot: Snapshot): Promise<AccountState | undefined> {
    try {
      const text = intactText(snapshot.text);
      if (text === undefined) throw new Error('it is not what was written');
      for (const uid of sealedUidsIn(text)) if (!this.#ring.knows(uid)) await this.#ring.fetch(uid);
      return restoreSnapshot(text, { open: (uid, sealed) => this.#open(uid, sealed) });
    } catch (failure) {
      this.#report('snapshot-unreadable', `the snapshot of ${this.#stream} cannot be read: ${messageOf(failure)}`, snapshot);
      return undefined;
    }
  }

  #report(type: Parameters<Report>[0]['type'], says: string, at?: { readonly revision: bigint; readonly position?: bigint }): void {
    this.#sources.report({
      type,
      says,
      stream: this.#stream,
      ...(at ? { revision: `${at.revision}` } : {}),
      ...(at?.position === undefined ? {} : { position: `${at.position}` }),
    });
  }
}
