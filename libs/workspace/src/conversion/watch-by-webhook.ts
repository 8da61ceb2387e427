import { refreshed } from '#kube';
import { leaving, shown } from '../verbs/verb-context.ts';
import type { Selector, StoredObject, WatchEvent, WatchOutcome, WatchRequest, WatchSink, Workspace } from '../workspaces.ts';
import { convertByWebhook } from './convert-by-webhook.ts';
import type { WebhookReach } from './post-review.ts';

/**
 * A watch on a kind whose objects a webhook converts. Events are converted in their order, each batch before it is passed on; selectors see
 * objects in the version that was asked for. Where a conversion fails the watch says so, and ends.
 */
export async function watchByWebhook(
  watch: Workspace['watch'],
  request: WatchRequest,
  sink: WatchSink,
  reach: WebhookReach,
): Promise<WatchOutcome> {
  const { selector, ...unselected } = request;
  const convert = (objects: readonly StoredObject[]) => converted(objects, request, reach);
  let tail = Promise.resolve();
  let waiting = 0;
  let isOver = false;
  let delivered = 0n;
  let stop = (): void => undefined;
  const end = (failure?: unknown): void => {
    if (!isOver) sink.ended(failure);
    isOver = true;
  };
  const passOn = async (batch: readonly WatchEvent[]): Promise<void> => {
    const events = await convertedEvents(batch, convert);
    const selected = selector === undefined ? events : events.flatMap((event) => selectedEvent(event, selector) ?? []);
    if (!isOver && selected.length > 0) sink.events(selected);
    delivered = batch.at(-1)?.position ?? delivered;
  };
  const inTurn = (step: () => Promise<void> | void): void => {
    waiting += 1;
    tail = tail
      .then(step)
      .catch((failure: unknown) => (end(failure), stop()))
      .finally(() => (waiting -= 1));
  };
  const outcome = await watch(
    { ...unselected, kind: { ...request.kind, shownAsKept: true }, showsBefore: selector !== undefined },
    { events: (batch) => inTurn(() => passOn(batch)), ended: (failure) => inTurn(() => end(failure)) },
  );
  if (outcome.type === 'expired') return outcome;
  delivered = outcome.position;
  stop = () => {
    isOver = true;
    outcome.stop();
  };
  const initial = await convert(outcome.initial ?? []).catch((failure: unknown) => {
    stop();
    throw failure;
  });
  return {
    ...outcome,
    ...(outcome.initial ? { initial: selector === undefined ? initial : initial.filter(selector) } : {}),
    stop,
    progress: () => (waiting > 0 ? delivered : outcome.progress()),
  };
}

async function converted(
  objects: readonly StoredObject[],
  { kind, version }: WatchRequest,
  reach: WebhookReach,
): Promise<readonly StoredObject[]> {
  const stale = objects.filter(({ object }) => object.apiVersion !== `${kind.group}/${version}`);
  if (stale.length === 0) return objects;
  const kept = stale.map(({ object }) => refreshed(kind, object));
  const answers = await convertByWebhook(kind, kept, { version, reach });
  const shownByObject = new Map(stale.map((object, index) => [object, shown(object, answers[index] ?? object.object)]));
  return objects.map((object) => shownByObject.get(object) ?? object);
}

/** All of a batch in one review: the states after each change, and those before where they matter. */
async function convertedEvents(
  batch: readonly WatchEvent[],
  convert: (objects: readonly StoredObject[]) => Promise<readonly StoredObject[]>,
): Promise<readonly WatchEvent[]> {
  const states = batch.flatMap(({ object, before }) => (before ? [object, before] : [object]));
  const answers = (await convert(states)).values();
  const next = (known: StoredObject): StoredObject => answers.next().value ?? known;
  return batch.map((event) => {
    const object = next(event.object);
    return event.before ? { ...event, object, before: next(event.before) } : { ...event, object };
  });
}

/** What an event is to who selects: a change may bring an object into sight, or out of it. */
function selectedEvent({ type, object, before, position }: WatchEvent, selector: Selector): WatchEvent | undefined {
  const was = before !== undefined && selector(before);
  const is = type !== 'DELETED' && selector(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object, position };
  return was ? { type: 'DELETED', object: type === 'DELETED' ? object : leaving(before, position), position } : undefined;
}
