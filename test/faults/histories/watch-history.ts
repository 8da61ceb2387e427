import type { Change } from './change.ts';

export type WatchItem = Omit<Change, 'cause'> | { readonly type: 'BOOKMARK'; readonly revision: bigint };

/** One watch, from where it began to where it broke off, in the order of its arrival. */
export type WatchSession = { readonly from: bigint; readonly items: readonly WatchItem[] };

/** A client that watches, and begins again behind the last thing that it was told whenever its watch ends. */
export type Follower = {
  readonly name: string;
  readonly selects: (change: Pick<Change, 'name' | 'content'>) => boolean;
  readonly sessions: readonly WatchSession[];
  /** Up to here it must have been told everything; its last session was let run so far. */
  readonly reached?: bigint;
};

type Told = Omit<Change, 'cause'>;
type Property = (follower: Follower, changes: readonly Change[]) => readonly string[];

/** What etcd promises its watchers (api_guarantees, "Watch APIs"), each judged for itself against the changes of the log. */
const properties = { ordered, unique, atomic, reliable, resumable, bookmarkable } satisfies Record<string, Property>;

/** Which promises were broken, and how. */
export function faultsOfWatches(followers: readonly Follower[], changes: readonly Change[]): readonly string[] {
  return followers.flatMap((follower) =>
    Object.entries(properties).flatMap(([property, judge]) =>
      judge(follower, changes).map((fault) => `${follower.name} is not ${property}: ${fault}`),
    ),
  );
}

/** No event comes after one that is newer. */
export function ordered({ sessions }: Follower): readonly string[] {
  const revisions = sessions.flatMap(told).map(({ revision }) => revision);
  return revisions.flatMap((revision, index) => {
    const before = revisions[index - 1];
    return before !== undefined && revision < before ? [`${revision} came after ${before}`] : [];
  });
}

/** No event comes twice, nor again after a new beginning. */
export function unique({ sessions }: Follower): readonly string[] {
  const seen = new Set<bigint>();
  return sessions.flatMap(told).flatMap(({ revision }) => {
    if (seen.has(revision)) return [`${revision} came twice`];
    seen.add(revision);
    return [];
  });
}

/** Each event is one change, whole: its object as that one write left it. */
export function atomic({ selects, sessions }: Follower, changes: readonly Change[]): readonly string[] {
  const byRevision = new Map(selected(changes, selects).map((change) => [change.revision, change]));
  return sessions.flatMap(told).flatMap((event) => {
    const change = byRevision.get(event.revision);
    if (!change) return [`${event.type} ${event.name} at ${event.revision} is no change that it asked for`];
    const same = change.type === event.type && change.name === event.name && change.content === event.content;
    return same
      ? []
      : [`${event.type} ${event.name} ${event.content} at ${event.revision} was ${change.type} ${change.name} ${change.content}`];
  });
}

/** Between two events of one watch none is left out. */
export function reliable({ selects, sessions }: Follower, changes: readonly Change[]): readonly string[] {
  const wanted = selected(changes, selects);
  return sessions.flatMap((session) => {
    const events = told(session);
    const [first, last] = [events[0], events.at(-1)];
    return first && last ? missing(wanted, events, { after: first.revision, until: last.revision }) : [];
  });
}

/** A watch begins with the first event behind the place that it names, so that nothing falls between two watches; the last one goes to the end. */
export function resumable({ selects, sessions, reached }: Follower, changes: readonly Change[]): readonly string[] {
  const wanted = selected(changes, selects);
  return sessions.flatMap((session, index) => {
    const events = told(session);
    const early = events
      .filter(({ revision }) => revision <= session.from)
      .map(({ revision }) => `${revision} came to a watch from ${session.from}`);
    const [first, last] = [events[0], events.at(-1)];
    const gap = first ? missing(wanted, events, { after: session.from, until: first.revision }) : [];
    const isLast = index === sessions.length - 1 && reached !== undefined;
    return [...early, ...gap, ...(isLast ? missing(wanted, events, { after: last?.revision ?? session.from, until: reached }) : [])];
  });
}

/** A bookmark says that all up to its revision has been told: nothing older is left out before it, or comes behind it. */
export function bookmarkable({ selects, sessions }: Follower, changes: readonly Change[]): readonly string[] {
  const wanted = selected(changes, selects);
  return sessions.flatMap(({ from, items }) => {
    const faults: string[] = [];
    const before: Told[] = [];
    let marked = from;
    for (const item of items) {
      if (item.type === 'BOOKMARK') {
        if (item.revision < marked) faults.push(`bookmark ${item.revision} came after ${marked}`);
        for (const fault of missing(wanted, before, { after: from, until: item.revision }))
          faults.push(`bookmark ${item.revision}: ${fault}`);
        marked = item.revision;
      } else {
        if (item.revision <= marked && marked > from) faults.push(`${item.revision} came after bookmark ${marked}`);
        before.push(item);
      }
    }
    return faults;
  });
}

const told = ({ items }: WatchSession): readonly Told[] => items.filter((item) => item.type !== 'BOOKMARK');

function missing(
  wanted: readonly Told[],
  events: readonly Told[],
  { after, until }: { readonly after: bigint; readonly until: bigint },
): readonly string[] {
  const seen = new Set(events.map(({ revision }) => revision));
  return wanted
    .filter(({ revision }) => revision > after && revision <= until && !seen.has(revision))
    .map(({ type, name, revision }) => `${type} ${name} at ${revision} is missing`);
}

/**
 * The changes as one who selects is told of them: what begins to be selected is ADDED, what ceases to be is DELETED, as it was when it was last
 * selected; all else is as it is after the change.
 */
function selected(changes: readonly Change[], selects: Follower['selects']): readonly Told[] {
  const inside = new Map<string, string>();
  return changes.flatMap(({ type, name, revision, content }): Told[] => {
    const was = inside.get(name);
    const is = type !== 'DELETED' && selects({ name, content });
    if (is) inside.set(name, content);
    else inside.delete(name);
    if (is) return [{ type: was === undefined ? 'ADDED' : 'MODIFIED', name, revision, content }];
    return was === undefined ? [] : [{ type: 'DELETED', name, revision, content: type === 'DELETED' ? content : was }];
  });
}
