import type { ObjectRecord } from '#account';
import { StreamTruncated } from '#stream';
import type { AccountNews } from '../account-actor.ts';
import type { FollowOutcome, WorkspaceEvent, WorkspaceEventSink } from '../workspaces.ts';
import type { VerbContext } from './verb-context.ts';

/** So much of the past is told: whoever is farther behind reads anew. */
const pastMax = 20_000;

/** Everything that happens to any object, from a position on. As in a watch: follow first, read the past second, drop what came twice. */
export async function follow({ account }: VerbContext, after: bigint | undefined, sink: WorkspaceEventSink): Promise<FollowOutcome> {
  await account.freshen();
  let waiting: (readonly AccountNews[])[] | undefined = [];
  let told = after ?? account.position;
  let isOver = false;
  const deliver = (news: readonly AccountNews[]): void => {
    if (isOver) return;
    const events = eventsOf(news).filter(({ position }) => position > told);
    told = events.at(-1)?.position ?? told;
    if (events.length > 0) sink.events(events);
    if (news.some(({ event }) => event.type === 'WorkspaceClosed')) end();
  };
  const end = (): void => {
    stop();
    sink.ended();
  };
  const unfollow = account.follow((news) => {
    if (waiting) waiting.push(news);
    else deliver(news);
  }, end);
  const stop = (): void => {
    isOver = true;
    unfollow();
  };
  const until = account.position;
  try {
    const past: WorkspaceEvent[] = [];
    if (told < until)
      for await (const { after: record, was, removed, position } of account.past.changesAfter(told)) {
        if (position > until) break;
        if (past.length === pastMax) return (stop(), { type: 'expired', oldest: position });
        past.push(eventOf(record, { hasBefore: was !== undefined, removed, position }));
      }
    setImmediate(() => {
      if (isOver) return;
      if (past.length > 0) sink.events(past);
      told = until > told ? until : told;
      for (const news of waiting ?? []) deliver(news);
      waiting = undefined;
    });
    return { type: 'following', position: until, stop };
  } catch (failure) {
    stop();
    if (failure instanceof StreamTruncated) return { type: 'expired', oldest: failure.first };
    throw failure;
  }
}

const eventsByNews = new WeakMap<readonly AccountNews[], readonly WorkspaceEvent[]>();

/** Made once for all who follow. */
function eventsOf(news: readonly AccountNews[]): readonly WorkspaceEvent[] {
  let events = eventsByNews.get(news);
  if (!events) {
    events = news.flatMap(({ effect }) =>
      effect ? [eventOf(effect.after, { hasBefore: effect.before !== undefined, removed: effect.removed, position: effect.position })] : [],
    );
    eventsByNews.set(news, events);
  }
  return events;
}

type Happened = { readonly hasBefore: boolean; readonly removed: boolean; readonly position: bigint };

function eventOf(object: ObjectRecord, { hasBefore, removed, position }: Happened): WorkspaceEvent {
  const { key, provider } = object;
  const type = removed ? 'DELETED' : hasBefore ? 'MODIFIED' : 'ADDED';
  return { type, group: key.group, resource: key.resource, object, position, isBound: provider !== undefined };
}
