import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { invalidPosition } from './refusals.ts';
import type { Serving } from './serving.ts';
import type { Stored, StoredStreams } from './stored-streams.ts';

type Call = ServerWritableStream<ReadReq, ReadResp>;

/** As many events as the server looks at between two checkpoints of a filtered subscription, times the multiplier asked for. */
const searchWindow = 32;

/** Streams.Read: one stream or all, either way, so many or for ever. */
export function readCall(serving: Serving): handleServerStreamingCall<ReadReq, ReadResp> {
  return (call) => {
    serving.faults.readCalls += 1;
    const refusal = serving.refusalOf(call.metadata, false);
    call.on('error', () => undefined);
    if (refusal) call.emit('error', refusal);
    else void answer(serving, call).catch((failure: unknown) => call.emit('error', failure));
  };
}

async function answer(serving: Serving, call: Call): Promise<void> {
  const options = call.request.getOptions();
  const { streams: stored } = serving;
  if (!options) throw invalidPosition();
  if (options.hasSubscription()) return subscribe(serving, call, options);
  const of = options.getStream();
  const found = of ? ofStream(stored, of, options) : ofAll(stored, options);
  if (found === undefined) await send(call, new streams.ReadResp().setStreamNotFound(notFound(of)));
  else for (const event of found) if (!(await send(call, responseOf(event)))) return;
  call.end();
}

function ofStream(stored: StoredStreams, of: ReadReq.Options.StreamOptions, options: ReadReq.Options): readonly Stored[] | undefined {
  const shown = stored.show(nameOf(of));
  if (!shown) return undefined;
  const backwards = isBackwards(options);
  const from = of.hasStart() ? 0n : of.hasEnd() ? shown.last : BigInt(of.getRevision());
  const ordered = backwards
    ? shown.events.filter(({ revision }) => revision <= from).reverse()
    : shown.events.filter(({ revision }) => revision >= from);
  return ordered.slice(0, countOf(options));
}

/** Forwards a position belongs to what is read, backwards it does not. */
function ofAll(stored: StoredStreams, options: ReadReq.Options): readonly Stored[] {
  const all = options.getAll();
  const position = all?.getPosition();
  const behind = position ? stored.indexBehind(BigInt(position.getCommitPosition())) : all?.hasEnd() ? stored.all.length + 1 : 1;
  if (behind === undefined) throw invalidPosition();
  const matching = isBackwards(options) ? stored.all.slice(0, behind - 1).reverse() : stored.all.slice(behind - 1);
  return matching.filter(filterBy(options)).slice(0, countOf(options));
}

async function subscribe(serving: Serving, call: Call, options: ReadReq.Options): Promise<void> {
  const { streams: stored, faults } = serving;
  const matches = filterBy(options);
  const checkpointEvery = searchWindow * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 0);
  await send(
    call,
    new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID())),
  );
  const gone = new Promise((resolve) => call.once('cancelled', resolve));
  let next = startOf(stored, options);
  for (let considered = 1, caughtUp = false; !call.cancelled;) {
    const event = stored.all[next];
    if (!event) {
      if (!caughtUp) await send(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
      caughtUp = true;
      await Promise.race([stored.nextAppend(), gone]);
      continue;
    }
    next += 1;
    if (matches(event)) {
      faults.beforeDelivery();
      await send(call, responseOf(event));
    }
    if (options.hasFilter() && considered++ % checkpointEvery === 0) await send(call, checkpointAt(event));
  }
}

/** The place in the log where a subscription begins: behind its position. */
function startOf(stored: StoredStreams, options: ReadReq.Options): number {
  const all = options.getAll();
  const position = all?.getPosition();
  if (position) {
    const behind = stored.indexBehind(BigInt(position.getCommitPosition()));
    if (behind === undefined) throw invalidPosition();
    return behind;
  }
  return all?.hasEnd() ? stored.all.length : 0;
}

function filterBy(options: ReadReq.Options): (event: Stored) => boolean {
  const of = options.getStream();
  if (of) {
    const revision = of.hasRevision() ? BigInt(of.getRevision()) : -1n;
    return (event) => event.stream === nameOf(of) && event.revision > revision;
  }
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (!filter || !expression) return () => true;
  const subject = (event: Stored): string => (filter.hasStreamIdentifier() ? event.stream : event.type);
  const prefixes = expression.getPrefixList();
  const pattern = new RegExp(expression.getRegex());
  return (event) => (prefixes.length > 0 ? prefixes.some((prefix) => subject(event).startsWith(prefix)) : pattern.test(subject(event)));
}

/** Waits while the reader is slow. False when it has gone. */
async function send(call: Call, response: ReadResp): Promise<boolean> {
  if (call.cancelled) return false;
  if (!call.write(response)) await drained(call);
  return !call.cancelled;
}

function drained(call: Call): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      call.off('drain', settle).off('cancelled', settle);
      resolve();
    };
    call.on('drain', settle).on('cancelled', settle);
  });
}

function responseOf(event: Stored): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream)))
    .setStreamRevision(`${event.revision}`)
    .setCommitPosition(`${event.position}`)
    .setPreparePosition(`${event.position}`)
    .setData(event.body);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', `${event.createdMs * 10_000}`);
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(`${event.position}`);
  return new streams.ReadResp().setEvent(read);
}

function checkpointAt({ position }: Stored): ReadResp {
  return new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint().setCommitPosition(`${position}`).setPreparePosition(`${position}`),
  );
}

function notFound(of: ReadReq.Options.StreamOptions | undefined): ReadResp.StreamNotFound {
  return new streams.ReadResp.StreamNotFound().setStreamIdentifier(of?.getStreamIdentifier());
}

const nameOf = (of: ReadReq.Options.StreamOptions): string => Buffer.from(of.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
const isBackwards = (options: ReadReq.Options): boolean => options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
const countOf = (options: ReadReq.Options): number => Number(options.getCount());
