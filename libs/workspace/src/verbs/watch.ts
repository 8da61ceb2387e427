import type { ObjectChange, ObjectRecord } from '#account';
import { definitionsResource, groupResource, type ResourceKey, type ServedKind } from '#kube';
import { StreamTruncated } from '#stream';
import type { AccountActor, AccountNews } from '../account-actor.ts';
import type { StoredObject, WatchEvent, WatchOutcome, WatchRequest, WatchSink } from '../workspaces.ts';
import { givenChanges, givenOf, type GivenChanges } from './given.ts';
import { selected, withGiven } from './list.ts';
import { leaving, stored, type VerbContext } from './verb-context.ts';

/** Subscribe first, read the past second, drop what came twice: no change falls between. */
export async function watch(context: VerbContext, request: WatchRequest, sink: WatchSink): Promise<WatchOutcome> {
  const { account } = context;
  await account.freshen();
  const target = { ...request, given: givenChanges(context, request.kind) };
  const watcher = new Watcher(account, target, sink);
  const { after } = request;
  if (after === undefined) {
    const { kind, version } = request;
    const records = withGiven(account.state.list(groupResource(kind)), givenOf(context, kind));
    const present = records.map((record) => stored(record, kind, version));
    return watcher.begin({ after: account.position, initial: selected(present, request) });
  }
  const recent = after >= account.position ? [] : account.recentAfter(after);
  if (recent) return watcher.begin({ after, past: recent });
  try {
    return watcher.begin({ after, past: await readPast(account, target, after) });
  } catch (failure) {
    watcher.stop();
    if (failure instanceof StreamTruncated) return { type: 'expired', oldest: failure.first };
    throw failure;
  }
}

/** `given`: what the mesh puts in beside, where that follows from other objects. */
type Target = WatchRequest & { readonly given: GivenChanges | undefined };

class Watcher {
  readonly #account: AccountActor;
  readonly #request: Target;
  readonly #sink: WatchSink;
  /** What it looks at, where nothing about it is its own: all who look at the same share their events. */
  readonly #view: string | undefined;
  readonly #unfollow: () => void;
  /** What came in before the sink was ready. */
  #waiting: (readonly AccountNews[])[] | undefined = [];
  #after = 0n;
  #isOver = false;

  constructor(account: AccountActor, request: Target, sink: WatchSink) {
    this.#account = account;
    this.#request = request;
    this.#sink = sink;
    const { kind, version, namespace, selector, showsBefore } = request;
    this.#view = selector || showsBefore ? undefined : `${groupResource(kind)}/${version}/${namespace}/${sourceOf(kind)}`;
    this.#unfollow = account.follow(
      (news) => {
        if (this.#waiting) this.#waiting.push(news);
        else this.#deliver(news);
      },
      () => this.#end(),
    );
  }

  begin({
    after,
    past = [],
    initial,
  }: {
    readonly after: bigint;
    readonly past?: readonly ObjectChange[];
    readonly initial?: readonly StoredObject[];
  }): WatchOutcome {
    this.#after = after;
    // What a closure sees here would live for as long as the watch: the past may be thousands of changes.
    setImmediate((watcher: Watcher, changes: readonly ObjectChange[]) => watcher.#flush(changes), this, past);
    const stop = () => this.stop();
    // While the past is not delivered yet, nothing is promised beyond the beginning.
    const progress = () => (this.#waiting || this.#after > this.#account.position ? this.#after : this.#account.position);
    return { type: 'watching', position: after, stop, progress, ...(initial ? { initial } : {}) };
  }

  stop(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#unfollow();
  }

  #flush(past: readonly ObjectChange[]): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (past.length > 0) {
      this.#emit(past);
      this.#after = past[past.length - 1]?.position ?? this.#after;
    }
    for (const news of waiting) this.#deliver(news);
  }

  #deliver(batch: readonly AccountNews[]): void {
    if (this.#isOver) return;
    const seen = this.#view === undefined ? undefined : shared(batch, this.#view, this.#request);
    const end = seen ? seen.end : endOf(batch, this.#request);
    if (seen && seen.from > this.#after) {
      if (seen.events.length > 0) this.#sink.events(seen.events);
      this.#after = seen.to;
    } else this.#emit(batch.slice(0, end).flatMap(({ effect }) => (effect ? [effect] : [])));
    if (end < batch.length) this.#end();
  }

  #end(): void {
    this.stop();
    this.#sink.ended();
  }

  #emit(changes: readonly ObjectChange[]): void {
    const events = changes.filter(({ position }) => position > this.#after).flatMap((change) => eventOf(change, this.#request) ?? []);
    if (events.length > 0) this.#sink.events(events);
  }
}

const sourceOf = ({ source }: ServedKind): string =>
  source.type === 'bound' ? source.binding : source.type === 'custom' ? source.definition : '';

function endsServing(event: AccountNews['event'], { kind }: WatchRequest): boolean {
  if (event.type === 'WorkspaceClosed') return true;
  // Under another schema objects look different, and what is served may be another version: clients take up where they were.
  if ((event.type === 'ResourceRemoved' || event.type === 'SpecRevised') && kind.source.type === 'custom')
    return event.key.resource === definitionsResource && event.key.name === kind.source.definition;
  return event.type === 'ApiUnbound' && kind.source.type === 'bound' && kind.source.binding === event.binding;
}

/** What a change is to one watch: a selector's transitions become ADDED and DELETED. */
function eventOf(change: ObjectChange, request: Target): WatchEvent | undefined {
  const { kind, version, namespace, selector, given, showsBefore } = request;
  const { key } = change.after;
  if (given && isOf(given, key)) {
    const translated = given.translate(change);
    return translated && eventOf(translated, { ...request, given: undefined });
  }
  if (key.resource !== kind.resource || key.group !== kind.group || (namespace !== '' && key.namespace !== namespace)) return undefined;
  const object = stored(change.after, kind, version);
  const before = showsBefore && change.before ? { before: stored(change.before, kind, version) } : {};
  const { position } = change;
  const old = selector && change.before && stored(change.before, kind, version);
  const was = selector ? old !== undefined && selector(old) : change.before !== undefined;
  const is = !change.removed && (!selector || selector(object));
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object, ...before, position };
  if (!was) return undefined;
  return { type: 'DELETED', object: old && !change.removed ? leaving(old, position) : object, ...before, position };
}

/** Where in a batch the kind ceases to be served; its length, if it does not. */
function endOf(news: readonly AccountNews[], request: Target): number {
  const end = news.findIndex(({ event }) => endsServing(event, request));
  return end === -1 ? news.length : end;
}

/** What a batch is to all watches without a selector that look at the same: made once. It has the positions `from` to `to`. */
type Seen = { readonly events: readonly WatchEvent[]; readonly end: number; readonly from: bigint; readonly to: bigint };

const seenByBatch = new WeakMap<readonly AccountNews[], Map<string, Seen>>();

function shared(news: readonly AccountNews[], view: string, request: Target): Seen {
  let byView = seenByBatch.get(news);
  if (!byView) seenByBatch.set(news, (byView = new Map()));
  let seen = byView.get(view);
  if (!seen) {
    const end = endOf(news, request);
    const events = news.slice(0, end).flatMap(({ effect }) => (effect && eventOf(effect, request)) ?? []);
    const [first, last] = [news[0], news[end - 1]];
    byView.set(view, (seen = { events, end, from: (first?.revision ?? -1n) + 1n, to: (last?.revision ?? -1n) + 1n }));
  }
  return seen;
}

const isOf = (given: GivenChanges, { group, resource }: ResourceKey): boolean => group === '' && resource === given.of;

/** The changes after a position, from the log: every event carries its object, and knows where the state before it stands. */
async function readPast(
  account: AccountActor,
  { kind, selector, given, showsBefore }: Target,
  after: bigint,
): Promise<readonly ObjectChange[]> {
  const until = account.position;
  const changes: ObjectChange[] = [];
  const known = new Map<string, ObjectRecord>();
  for await (const past of account.past.changesAfter(after)) {
    if (past.position > until) break;
    const { key, uid } = past.after;
    const isSource = given !== undefined && isOf(given, key) && key.resource !== kind.resource;
    if (!isSource && (key.resource !== kind.resource || key.group !== kind.group)) continue;
    // Without a selector it matters only that there was a state before, not which.
    const matters = selector !== undefined || showsBefore === true || isSource;
    const before = known.get(uid) ?? (past.was === undefined ? undefined : matters ? await account.past.recordAt(past.was) : past.after);
    known.set(uid, past.after);
    changes.push({ position: past.position, before, after: past.after, removed: past.removed });
  }
  return changes;
}
