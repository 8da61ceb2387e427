import { statusFailure } from '#kube';
import type { StoredObject, WatchOutcome } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readListOptions, tooLargeResourceVersion, type ListOptions } from '../options/list-options.ts';
import { viewOf, type View } from '../representation.ts';
import { frameOf, framerFor } from '../watch/frames.ts';
import { outletOf, type WatchOutlet } from '../watch/watch-outlet.ts';
import { WatchStream } from '../watch/watch-stream.ts';
import { gauge } from '#telemetry';

const openWatches = gauge({ name: 'tributary_kube_watches', help: 'Watches that are open now.' });
let openCount = 0;
openWatches.track({}, () => openCount);
/** GET of a collection with `watch`: one event per line, until the timeout, the client or the kind ends it. */
export async function answerWatch(exchange: ResourceExchange): Promise<Answer> {
  const options = readListOptions(exchange);
  if (options.type === 'invalid') return failure(options.status);
  const { representation, response, upgrade, request } = exchange;
  if (upgrade !== undefined && request.headers.origin === undefined) return failure(originMissing);
  // Upstream refuses both: a Table has no form for a bookmark, and yaml none for a stream.
  if (representation.mediaType === 'yaml' || (representation.transform?.kind === 'Table' && options.allowWatchBookmarks))
    return failure(statusFailure('NotAcceptable', 'only the following media types are accepted: application/json;stream=watch'));
  const asked = options.resourceVersion ?? 0n;
  const view = viewOf(exchange);
  const outlet = outletOf(exchange);
  const stream = new WatchStream(outlet, framerFor(view));
  const outcome = await open(exchange, options, stream);
  if (response.writableEnded) {
    // It was shown out meanwhile.
    if (outcome.type === 'watching') outcome.stop();
    return { type: 'streamed' };
  }
  if (options.sendInitialEvents === true && outcome.type === 'watching' && asked > outcome.position) {
    outcome.stop();
    return failure(tooLargeResourceVersion(asked, outcome.position).status);
  }
  outlet.open(exchange);
  if (outcome.type === 'expired') return endExpired(outlet, asked, outcome.oldest);
  if (response.destroyed || !outlet.isOpen) outcome.stop();
  else {
    const { initial = [], ...watching } = outcome;
    await run({ exchange, options, stream, view, watching }, initial);
  }
  return { type: 'streamed' };
}

type Watching = Extract<WatchOutcome, { type: 'watching' }>;
/** What stays for as long as the watch does. The objects that were there first do not. */
type Run = {
  readonly exchange: ResourceExchange;
  readonly options: ListOptions;
  readonly stream: WatchStream;
  readonly view: View;
  readonly watching: Omit<Watching, 'initial'>;
};

async function open(
  { workspace, kind, version, path }: ResourceExchange,
  options: ListOptions,
  stream: WatchStream,
): Promise<WatchOutcome> {
  const { selector } = options;
  const after = startOf(options, await workspace.positionOf(kind));
  const request = {
    kind,
    version: version.name,
    namespace: path.namespace,
    ...(selector === undefined ? {} : { selector }),
    ...(after === undefined ? {} : { after }),
  };
  return workspace.watch(request, stream);
}

/** undefined begins with the objects that there are. */
function startOf({ resourceVersion, sendInitialEvents }: ListOptions, current: bigint): bigint | undefined {
  if (sendInitialEvents === true) return undefined;
  const isFromAnywhere = resourceVersion === undefined || resourceVersion === 0n;
  if (sendInitialEvents === false && isFromAnywhere) return current;
  return isFromAnywhere ? undefined : resourceVersion;
}

/** Upstream does so too: a page of somebody else's must say where it comes from. */
const originMissing = statusFailure('Forbidden', 'a WebSocket must say where it comes from: the Origin header is missing');

function endExpired(outlet: WatchOutlet, asked: bigint, oldest: bigint): Answer {
  outlet.write([frameOf('ERROR', JSON.stringify(statusFailure('Expired', `too old resource version: ${asked} (${oldest})`)))]);
  outlet.end('over');
  return { type: 'streamed' };
}

const bookmarkEveryMs = 60_000;
const timeoutMinSeconds = 1_800;
const timeoutMaxSeconds = 2_147_483;

async function run(run: Run, initial: readonly StoredObject[]): Promise<void> {
  const { exchange, options, stream, watching } = run;
  const { response } = exchange;
  const asked = options.timeoutSeconds ?? 0;
  // Without a wish, watches end spread over half an hour, so that they do not all come back at once.
  const seconds = asked > 0 ? Math.min(asked, timeoutMaxSeconds) : timeoutMinSeconds * (1 + Math.random());
  // Both end with the watch. Unref'd, they would leave a list in node for every length that there ever was, until its time is up.
  const timeout = setTimeout(endInTime, seconds * 1_000, run);
  const bookmarks = options.allowWatchBookmarks ? setInterval(sendBookmark, bookmarkEveryMs, run).unref() : undefined;
  openCount += 1;
  exchange.options.drain?.watching(exchange.inFlight, () => endInTime(run, 'goingAway'));
  // Whoever loses the right hears nothing more, not even of what happened before.
  const endUnlessAllowed = (): void => {
    if (!exchange.mayStill()) stream.cut();
  };
  const unfollow = exchange.workspace.onAccessChange(endUnlessAllowed);
  const unfollowCredential = exchange.credential?.onChange(endUnlessAllowed);
  const validMs = exchange.untilMs === undefined ? Infinity : exchange.untilMs - Date.now();
  const expiry = validMs < seconds * 1_000 ? setTimeout(() => stream.cut(), validMs) : undefined;
  response.once('close', () => {
    openCount -= 1;
    unfollow();
    unfollowCredential?.();
    watching.stop();
    clearTimeout(timeout);
    clearTimeout(expiry);
    clearInterval(bookmarks);
  });
  // The right may have gone while the watch was being opened.
  endUnlessAllowed();
  const marksInitial = options.sendInitialEvents === true && options.allowWatchBookmarks;
  await stream.begin(initial, marksInitial ? bookmarkFrame(run, watching.position, true) : undefined);
}

function sendBookmark(run: Run): void {
  run.stream.send(bookmarkFrame(run, run.watching.progress(), false));
}

/** The last bookmark lets the client go on where this watch ends. */
function endInTime(run: Run, why: 'over' | 'goingAway' = 'over'): void {
  if (run.options.allowWatchBookmarks) sendBookmark(run);
  run.stream.endFor(why);
}

function bookmarkFrame({ exchange, view }: Run, position: bigint, endsInitial: boolean): Buffer {
  const { kind, version } = exchange;
  const annotations = endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: String(position), creationTimestamp: null, ...annotations };
  const apiVersion = kind.group === '' ? version.name : `${kind.group}/${version.name}`;
  const named =
    view.metadata === undefined
      ? { kind: kind.kind, apiVersion }
      : { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${view.metadata}` };
  return frameOf('BOOKMARK', JSON.stringify({ ...named, metadata }));
}
