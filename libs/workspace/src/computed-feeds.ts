import { groupResource, type ServedKind } from '#kube';
import type { AccountActor, AccountNews } from './account-actor.ts';
import { ComputedFeed } from './computed-feed.ts';
import { computedObjects, type ComputedSources } from './computed.ts';

/** What other workspaces change is looked for this often, once for all who watch. */
const lookEveryMs = 1_000;
/** How many feeds that nobody watches are kept, for whoever has listed and is about to watch. */
const restingMax = 100;

/** The feeds of all computed kinds. Those that are watched are computed anew when the workspace changes, and when what is offered may have. */
export class ComputedFeeds {
  readonly #sources: ComputedSources;
  readonly #ofAccount = new WeakMap<AccountActor, Map<string, ComputedFeed>>();
  /** How to drop each, the least recently used first. */
  readonly #resting = new Map<ComputedFeed, () => void>();
  readonly #watched = new Set<ComputedFeed>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ offers, publicUrl }: ComputedSources) {
    this.#sources = { offers: sharedReads(offers), publicUrl };
  }

  of(account: AccountActor, kind: ServedKind): ComputedFeed {
    const name = groupResource(kind);
    let feeds = this.#ofAccount.get(account);
    if (!feeds) this.#ofAccount.set(account, (feeds = new Map()));
    const known = feeds.get(name);
    if (known && this.#watched.has(known)) return known;
    const compute = () => computedObjects(kind, account.state, this.#sources);
    const feed = known ?? new ComputedFeed(compute, (watched) => this.#keepUp(watched, account));
    feeds.set(name, feed);
    this.#rest(feed, () => feeds.delete(name));
    return feed;
  }

  /** Looks for what other workspaces have changed. */
  look(): void {
    for (const feed of this.#watched) refresh(feed);
  }

  #keepUp(feed: ComputedFeed, account: AccountActor): () => void {
    const drop = this.#resting.get(feed);
    this.#resting.delete(feed);
    this.#watched.add(feed);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
    const unfollow = account.follow(
      (news) => {
        if (news.some(({ event }) => event.type === 'WorkspaceClosed')) feed.end();
        else if (news.some(mayChange)) refresh(feed);
      },
      () => feed.end(),
    );
    return () => {
      unfollow();
      this.#watched.delete(feed);
      if (drop) this.#rest(feed, drop);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #rest(feed: ComputedFeed, drop: () => void): void {
    this.#resting.delete(feed);
    this.#resting.set(feed, drop);
    const [oldest] = this.#resting;
    if (this.#resting.size <= restingMax || !oldest) return;
    this.#resting.delete(oldest[0]);
    oldest[1]();
  }
}

/** What of an account's own events computed objects show. */
function mayChange({ event }: AccountNews): boolean {
  return event.type === 'WorkspaceClosing' || event.type === 'ApiUnbound' || ('key' in event && event.key.resource === 'apibindings');
}

/** Where the source is out of reach, the next look is soon enough. */
function refresh(feed: ComputedFeed): void {
  feed.refresh().catch(() => undefined);
}

/** Reads for all who ask at the same time once, begun after they have asked; so no later answer is older than an earlier one. */
function sharedReads<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  let next: Promise<Value> | undefined;
  const start = (): Promise<Value> => {
    next = undefined;
    const mine: Promise<Value> = read().finally(() => {
      if (running === mine) running = undefined;
    });
    return (running = mine);
  };
  return () => {
    if (!running) return start();
    return (next ??= running.then(start, start));
  };
}
