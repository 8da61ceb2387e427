import {
  AccountState,
  decodeEvent,
  encodeEvent,
  evolve,
  holdsSecrets,
  ObjectRecord,
  quotaNews,
  restoreSnapshot,
  sealedUidOf,
  sealedUidsIn,
  snapshotShape,
  takeSnapshot,
  type AccountEvent,
  type ObjectChange,
} from '#account';
import type { KeyRing, Keys } from '#keys';
import { StreamActor, type ActorFold, type ActorOutcome, type Committed, type Decision, type EventLog, type SnapshotStore } from '#stream';

/** How many of the newest changes are kept at hand, for watches that resume and for the pages of a list. */
const recentMax = 2048;
/** Of these, how many keep the parsed form of their object: who comes later parses the text again. */
const parsedMax = 128;

export type AccountNews = Committed<AccountEvent, ObjectChange | undefined>;

type AccountFold = ActorFold<AccountState, AccountEvent, ObjectChange | undefined>;

const plainFold = {
  initial: () => new AccountState(),
  evolve,
  fork: (state: AccountState) => state.fork(),
  absorb: (state: AccountState, fork: AccountState) => state.absorb(fork),
  snapshotShape,
  isOver: (state: AccountState) => state.phase === 'closed',
};

/** Secrets are in clear in the account's memory only: they are sealed on their way to the log and opened on their way back. */
function sealingFold(keys: KeyRing): AccountFold {
  return {
    ...plainFold,
    encode(event) {
      const written = { type: event.type, data: encodeEvent(event, keys) };
      // Whoever follows the log sees of a sealed object what stands in the log.
      return 'key' in event && holdsSecrets(event) ? written : { ...written, decoded: event };
    },
    decode: (text) => decodeEvent(text, keys),
    takeSnapshot: (state) => takeSnapshot(state, keys),
    restoreSnapshot: (text) => restoreSnapshot(text, keys),
    prepare: (text, form) => (form === 'event' ? fetchKey(keys, text) : fetchKeys(keys, sealedUidsIn(text))),
  };
}

function fetchKey(keys: KeyRing, event: string): Promise<void> | undefined {
  const uid = sealedUidOf(event);
  return uid === undefined || keys.knows(uid) ? undefined : keys.fetch(uid);
}

async function fetchKeys(keys: KeyRing, uids: readonly string[]): Promise<void> {
  for (const uid of uids) if (!keys.knows(uid)) await keys.fetch(uid);
}

type PastChange = { readonly position: bigint; readonly after: ObjectRecord; readonly removed: boolean; readonly was: bigint | undefined };

export const streamOf = (cluster: string): string => `account-${cluster}`;

/** For what is written often and kept for an hour; nothing that follows accounts reads it. */
export const sideStreamOf = (cluster: string): string => `ephemeral-${cluster}`;

/** One account in memory: its state, its queue of intents, its newest changes and those who watch it. */
export class AccountActor {
  readonly #actor: StreamActor<AccountState, AccountEvent, ObjectChange | undefined>;
  readonly #log: EventLog;
  readonly #followers: Set<(news: readonly AccountNews[]) => void>;
  readonly #recent: RecentChanges;
  /** The keys of those of its objects that are sealed in the log. */
  readonly keys: KeyRing;

  private constructor(log: EventLog, parts: AccountParts) {
    this.#log = log;
    this.keys = parts.keys;
    this.#actor = parts.actor;
    this.#followers = parts.followers;
    this.#recent = parts.recent;
  }

  static async load(stream: string, { log, snapshots, soleWriter, keys }: ActorStores): Promise<AccountActor> {
    const followers = new Set<(news: readonly AccountNews[]) => void>();
    const recent = new RecentChanges();
    const ring = keys.ring(stream.slice(stream.indexOf('-') + 1));
    const actor = await StreamActor.load(stream, sealingFold(ring), {
      log,
      mayForget: mayForget(stream),
      soleWriter,
      snapshots,
      onCommitted(news, loading) {
        for (const { effect } of news) {
          if (effect && loading) effect.after.rest();
          else if (effect) recent.push(effect);
        }
        for (const follower of followers) follower(news);
      },
    });
    recent.startAfter(actor.revision + 1n);
    return new AccountActor(log, { actor, followers, recent, keys: ring });
  }

  get stream(): string {
    return this.#actor.stream;
  }

  get state(): AccountState {
    return this.#actor.state;
  }

  /** The newest position, as a resourceVersion counts it. A workspace always has one: its opening. */
  get position(): bigint {
    return this.#actor.revision + 1n;
  }

  get usedAt(): number {
    return this.#actor.usedAt;
  }

  /** Whether `freshen` has nothing to do. */
  get fresh(): boolean {
    return this.#actor.fresh;
  }

  touch(): void {
    this.#actor.usedAt = performance.now();
  }

  get idle(): boolean {
    return this.#actor.idle && this.#followers.size === 0;
  }

  async submit<Refusal>(decide: (state: AccountState) => Decision<AccountEvent, Refusal>): Promise<ActorOutcome<Refusal>> {
    for (;;) {
      let keyless: string | undefined;
      const outcome = await this.#actor.submit<Refusal | typeof keyAwaited>((state) => {
        const decision = decide(state);
        if (decision.type === 'refused' || decision.events.length === 0) return decision;
        keyless = keylessIn(decision.events, state, this.keys);
        if (keyless !== undefined) return { type: 'refused', refusal: keyAwaited };
        const news = quotaNews(decision.events, state);
        return news.length === 0 ? decision : { ...decision, events: [...decision.events, ...news] };
      });
      if (outcome.type === 'refused' && outcome.refusal === keyAwaited) await this.keys.ensure(keyless ?? '');
      else return outcome as ActorOutcome<Refusal>;
    }
  }

  freshen(): Promise<void> {
    return this.#actor.freshen();
  }

  /** Resolves when the state holds everything that stood in the log at the time of the call. */
  settled(): Promise<void> {
    return this.#actor.settled();
  }

  follow(follower: (news: readonly AccountNews[]) => void): () => void {
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
    };
  }

  /** The changes after a position, oldest first, or undefined where they are no longer in memory. */
  recentAfter(position: bigint): readonly ObjectChange[] | undefined {
    return this.#recent.after(position);
  }

  /** The changes of objects after a position, read from the log. `was` is the position of the state before. @throws StreamTruncated */
  async *pastChanges(after: bigint): AsyncIterable<PastChange> {
    for await (const { data, revision } of this.#log.readStream(this.#actor.stream, after)) {
      const needed = fetchKey(this.keys, data);
      if (needed) await needed;
      const event = decodeEvent(data, this.keys);
      if (!('object' in event)) continue;
      const { key, uid, provider, secretFields, was, object } = event;
      const position = revision + 1n;
      const record = ObjectRecord.of(object, { key, uid, position, provider, sequence: undefined, secretFields });
      yield { position, after: record, removed: event.type === 'ResourceRemoved', was: was === undefined ? undefined : BigInt(was) };
    }
  }

  /** The state that an object had from this position on. @throws StreamTruncated */
  async pastRecord(position: bigint): Promise<ObjectRecord | undefined> {
    for await (const change of this.pastChanges(position - 1n)) return change.after;
    return undefined;
  }

  saveSnapshot(eventsMin?: bigint): Promise<void> {
    return this.#actor.saveSnapshot(eventsMin);
  }

  saveSnapshotSoon(eventsMin?: bigint): void {
    this.#actor.saveSnapshotSoon(eventsMin);
  }
}

/** What is decided waits until the key is there that its object is to be sealed with. */
const keyAwaited = Symbol('key awaited');

/**
 * The uid of an object with marked fields that has no key yet: it is new, or its schema marks fields only now. One that had a key and
 * has none any more is not given another, which would not open what stands in the log.
 */
function keylessIn(events: readonly AccountEvent[], state: AccountState, keys: KeyRing): string | undefined {
  for (const event of events) {
    if (!('secretFields' in event) || event.secretFields === undefined || keys.holds(event.uid)) continue;
    const isLost = keys.knows(event.uid) && state.findByUid(event.uid)?.secretFields !== undefined;
    if (!isLost) return event.uid;
  }
  return undefined;
}

/** A side stream is not meant to last; of an account that is gone, only its end is kept. */
const mayForget = (stream: string) => (first: AccountEvent) => first.type === 'WorkspaceClosed' || stream.startsWith(sideStreamOf(''));

export type AccountStores = {
  readonly log: EventLog;
  readonly snapshots?: SnapshotStore | undefined;
  /** Absent: secrets can be read for as long as the process lives, as in a log that lives no longer. */
  readonly keys?: Keys;
  readonly soleWriter: boolean;
};

type ActorStores = AccountStores & { readonly keys: Keys };

type AccountParts = {
  readonly actor: StreamActor<AccountState, AccountEvent, ObjectChange | undefined>;
  readonly followers: Set<(news: readonly AccountNews[]) => void>;
  readonly recent: RecentChanges;
  readonly keys: KeyRing;
};

/** The newest changes in order. Everything after `#floor` is here. */
class RecentChanges {
  #changes: ObjectChange[] = [];
  #floor = 0n;

  startAfter(position: bigint): void {
    this.#floor = position;
  }

  push(change: ObjectChange): void {
    this.#changes.push(change);
    const older = this.#changes[this.#changes.length - 1 - parsedMax];
    older?.before?.rest();
    older?.after.rest();
    if (this.#changes.length < 2 * recentMax) return;
    const dropped = this.#changes.splice(0, recentMax);
    this.#floor = dropped[dropped.length - 1]?.position ?? this.#floor;
  }

  after(position: bigint): readonly ObjectChange[] | undefined {
    if (position < this.#floor) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.position ?? 0n) > position) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }
}
