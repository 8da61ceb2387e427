import { clusterOfStream, isSideStream, quotaNews, type AccountEvent, type AccountState, type ObjectChange } from '#account';
import type { KeyRing, Keys } from '#keys';
import {
  LogUnavailable,
  StreamActor,
  type ActorOptions,
  type ActorOutcome,
  type Committed,
  type Decision,
  type EventArchive,
  type EventLog,
  type RecordedEvent,
  type SnapshotStore,
} from '#stream';
import { accountFold } from './account-fold.ts';
import { AccountPast } from './account-past.ts';
import { keyAwaited, keylessIn } from './awaited-key.ts';
import { resourceQuotas } from './kinds/quota-kinds.ts';
import { RecentChanges, type Held } from './recent-changes.ts';
import type { Retention } from './retention.ts';
import type { WatchedAccounts } from './watched-accounts.ts';

export type AccountNews = Committed<AccountEvent, ObjectChange | undefined>;

export type DecideAccount<Refusal> = (state: AccountState) => Decision<AccountEvent, Refusal>;

/** One account in memory: its state, its queue of intents, its newest changes and those who watch it. */
export class AccountActor {
  readonly #actor: StreamActor<AccountState, AccountEvent, ObjectChange | undefined>;
  readonly #followers: Followers;
  readonly #recent: RecentChanges;
  readonly #watched: WatchedAccounts | undefined;
  #takeBack: (() => boolean) | undefined;
  /** The keys of those of its objects that are sealed in the log. */
  readonly keys: KeyRing;
  readonly past: AccountPast;

  private constructor(parts: AccountParts) {
    this.keys = parts.keys;
    this.past = parts.past;
    this.#actor = parts.actor;
    this.#followers = parts.followers;
    this.#recent = parts.recent;
    this.#watched = parts.watched;
  }

  static async load(stream: string, stores: ActorStores): Promise<AccountActor> {
    const { fold, options, made } = AccountActor.#partsOf(stream, stores);
    return made(await StreamActor.load(stream, fold, options));
  }

  /** Of a stream that has no events, most likely: what it has shows when something is appended. */
  static begin(stream: string, stores: ActorStores): AccountActor {
    const { fold, options, made } = AccountActor.#partsOf(stream, stores);
    return made(StreamActor.begin(stream, fold, options));
  }

  static #partsOf(stream: string, stores: ActorStores) {
    const { log, snapshots, archive, retention, soleWriter, held, watched } = stores;
    const followers: Followers = new Map();
    const recent = new RecentChanges(held);
    const keys = stores.keys.ring(clusterOfStream(stream));
    const options: ActorOptions<AccountEvent, ObjectChange | undefined> = {
      log,
      mayForget: mayForget(stream),
      soleWriter,
      snapshots,
      archive,
      onSnapshot: retention && !isSideStream(stream) ? (revision) => retention.behind(stream, revision) : undefined,
      onLost() {
        stores.onLost(stream);
        for (const end of [...followers.values()]) end?.();
      },
      onCommitted(news, loading) {
        for (const { effect } of news) {
          if (effect && loading) effect.after.rest();
          else if (effect) recent.push(effect);
        }
        for (const follower of followers.keys()) follower(news);
      },
    };
    const made = (actor: AccountParts['actor']): AccountActor => {
      recent.startAfter(actor.revision + 1n);
      return new AccountActor({ actor, followers, recent, keys, watched, past: new AccountPast(stream, stores, keys) });
    };
    return { fold: accountFold(keys), options, made };
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

  async submit<Refusal>(decide: DecideAccount<Refusal>): Promise<ActorOutcome<Refusal>> {
    for (;;) {
      let keyless: string | undefined;
      const outcome = await this.#actor.submit<Refusal | typeof keyAwaited>((state) => {
        const decision = decide(state);
        if (decision.type === 'refused' || decision.events.length === 0) return decision;
        keyless = keylessIn(decision.events, state, this.keys);
        if (keyless !== undefined) return { type: 'refused', refusal: keyAwaited };
        const news = quotaNews(decision.events, state, resourceQuotas);
        return news.length === 0 ? decision : { ...decision, events: [...decision.events, ...news] };
      });
      if (outcome.type === 'refused' && outcome.refusal === keyAwaited) await this.keys.ensure(keyless ?? '');
      else return outcome as ActorOutcome<Refusal>;
    }
  }

  freshen(): Promise<void> {
    return this.#actor.freshen();
  }

  /** What another process appended to this stream, as a follower of the whole log has read it. */
  learn(events: readonly RecordedEvent[]): void {
    this.#actor.learn(events);
  }

  /** Looks for what was appended to this stream while nobody told it, so that those who follow it hear of that, too. */
  lookAgain(): void {
    this.#actor.lookAgain();
  }

  /** Resolves when the state holds everything that stood in the log at the time of the call. */
  settled(): Promise<void> {
    return this.#actor.settled();
  }

  /**
   * `onLost` is called when nothing more will be told: what comes next is no longer in the log.
   * @throws LogUnavailable where it has left memory and another was loaded since, so that it would hear of nothing
   */
  follow(follower: (news: readonly AccountNews[]) => void, onLost?: () => void): () => void {
    if (this.#takeBack) this.#comeBack(this.#takeBack);
    this.#followers.set(follower, onLost);
    if (this.#followers.size === 1) this.#watched?.add(this);
    return () => {
      if (this.#followers.delete(follower) && this.#followers.size === 0) this.#watched?.remove(this);
    };
  }

  /** The changes after a position, oldest first, or undefined where they are no longer in memory. */
  recentAfter(position: bigint): readonly ObjectChange[] | undefined {
    return this.#recent.after(position);
  }

  /** Lets go of the parsed forms of its objects, which whoever needs them makes again. */
  unparse(): void {
    for (const record of this.state.records()) record.rest();
  }

  /**
   * Lets go of what was only kept at hand: the account leaves memory. Who has it still may use it; `takeBack` is asked when it is followed,
   * and answers whether it is told again of what is appended.
   */
  leave(takeBack: () => boolean): void {
    this.#recent.rest();
    this.#takeBack = takeBack;
    this.#actor.leave();
  }

  #comeBack(takeBack: () => boolean): void {
    if (!takeBack()) throw new LogUnavailable(`${this.stream} has left memory in the meantime`);
    this.#takeBack = undefined;
    this.#actor.comeBack();
  }

  saveSnapshot(eventsMin?: bigint): Promise<void> {
    return this.#actor.saveSnapshot(eventsMin);
  }

  saveSnapshotSoon(eventsMin?: bigint): void {
    this.#actor.saveSnapshotSoon(eventsMin);
  }
}

/** A side stream is not meant to last; of an account that is gone, only its end is kept. */
const mayForget = (stream: string) => (first: AccountEvent) => first.type === 'WorkspaceClosed' || isSideStream(stream);

export type AccountStores = {
  readonly log: EventLog;
  readonly snapshots?: SnapshotStore | undefined;
  /** Where events are that the log keeps no longer. */
  readonly archive?: EventArchive | undefined;
  /** Absent: the log keeps everything. */
  readonly retention?: Retention | undefined;
  /** Absent: secrets can be read for as long as the process lives, as in a log that lives no longer. */
  readonly keys?: Keys;
  readonly soleWriter: boolean;
};

type ActorStores = AccountStores & {
  readonly keys: Keys;
  readonly held: Held;
  readonly watched: WatchedAccounts | undefined;
  readonly onLost: (stream: string) => void;
};

/** With what is to be done where they are told nothing any more. */
type Followers = Map<(news: readonly AccountNews[]) => void, (() => void) | undefined>;

type AccountParts = {
  readonly actor: StreamActor<AccountState, AccountEvent, ObjectChange | undefined>;
  readonly followers: Followers;
  readonly recent: RecentChanges;
  readonly keys: KeyRing;
  readonly past: AccountPast;
  readonly watched: WatchedAccounts | undefined;
};
