import type { ServedKind } from '#kube';
import type { AccountActor } from '../account-actor.ts';
import type { ComputedFeed, FeedChange } from '../computed-feed.ts';
import type { ListRequest, Selector, StoredObject, WatchEvent, WatchOutcome, WatchRequest, WatchSink } from '../workspaces.ts';
import { selected } from './list.ts';
import type { ReadVerbs } from './read-view.ts';
import { leaving } from './verb-context.ts';

export type FeedOf = (kind: ServedKind) => ComputedFeed;

/** What is read of kinds that are computed and have no events of their own. */
export function computedVerbs(
  account: AccountActor,
  feedOf: FeedOf,
): ReadVerbs & { readonly positionOf: (kind: ServedKind) => Promise<bigint> } {
  const fresh = async (kind: ServedKind): Promise<ComputedFeed> => {
    if (!account.fresh) await account.freshen();
    const feed = feedOf(kind);
    await feed.refresh();
    return feed;
  };
  return {
    positionOf: async (kind) => (await fresh(kind)).position,
    get: async ({ kind, name }) => (await fresh(kind)).objects.find((object) => object.name === name),
    async list(request) {
      const feed = await fresh(request.kind);
      const { at = feed.position } = request;
      const changes = at >= feed.position ? [] : feed.changesAfter(at);
      if (!changes) return { type: 'expired', oldest: feed.floor };
      return {
        type: 'listed',
        items: selected(rewound(feed.objects, changes), namespaceless(request)),
        position: at < feed.position ? at : feed.position,
      };
    },
    watch: async (request, sink) => watchFeed(await fresh(request.kind), request, sink),
  };
}

const namespaceless = ({ selector }: ListRequest | WatchRequest) => ({ namespace: '', ...(selector ? { selector } : {}) });

/** The objects as they were before these changes. */
function rewound(objects: readonly StoredObject[], changes: readonly FeedChange[]): readonly StoredObject[] {
  if (changes.length === 0) return objects;
  const then = new Map(objects.map((object) => [object.name, object]));
  for (const { before, after } of changes.toReversed()) {
    if (before) then.set(before.name, before);
    else then.delete(after.name);
  }
  return [...then.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function watchFeed(feed: ComputedFeed, request: WatchRequest, sink: WatchSink): WatchOutcome {
  const { after, selector } = request;
  const past = after === undefined ? [] : feed.changesAfter(after);
  if (!past) return { type: 'expired', oldest: feed.floor };
  const position = after ?? feed.position;
  // Nothing is told before this has been answered.
  let waiting: FeedChange[] | undefined = [...past];
  let told = position;
  const tell = (changes: readonly FeedChange[]): void => {
    told = changes.at(-1)?.position ?? told;
    const events = changes.flatMap((change) => eventOf(change, selector) ?? []);
    if (events.length > 0) sink.events(events);
  };
  const stop = feed.follow({
    changed: (changes) => (waiting ? void waiting.push(...changes) : tell(changes)),
    ended() {
      stop();
      sink.ended();
    },
  });
  let isOver = false;
  setImmediate(() => {
    const changes = waiting ?? [];
    waiting = undefined;
    if (!isOver) tell(changes);
  });
  const end = (): void => {
    isOver = true;
    stop();
  };
  const initial = after === undefined ? { initial: selected(feed.objects, namespaceless(request)) } : {};
  return { type: 'watching', position, stop: end, progress: () => told, ...initial };
}

/** A selector's transitions become ADDED and DELETED. */
function eventOf({ before, after, removed, position }: FeedChange, selector: Selector | undefined): WatchEvent | undefined {
  const was = before !== undefined && (!selector || selector(before));
  const is = !removed && (!selector || selector(after));
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: after, position };
  return was ? { type: 'DELETED', object: removed ? after : leaving(before, position), position } : undefined;
}
