import type { handleServerStreamingCall } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { invalidPosition, notServed, streamDeleted } from './refusals.ts';
import { responseOf } from './responses.ts';
import { send, type Call } from './send.ts';
import type { Serving } from './serving.ts';
import type { Stored, StoredStreams } from './stored-streams.ts';
import { Subscription } from './subscription.ts';

/** Streams.Read: one stream or all, either way, so many or for ever. */
export function readCall(serving: Serving): handleServerStreamingCall<ReadReq, ReadResp> {
  return (call) => {
    serving.faults.readCalls += 1;
    const refusal = serving.refusalOf(call.metadata, { isWrite: false, ofAll: call.request.getOptions()?.hasAll() ?? false });
    call.on('error', () => undefined);
    if (refusal) call.emit('error', refusal);
    else void answer(serving, call).catch((failure: unknown) => call.emit('error', failure));
  };
}

async function answer(serving: Serving, call: Call): Promise<void> {
  const options = call.request.getOptions();
  const { streams: stored } = serving;
  if (!options) throw invalidPosition();
  // The adapter follows the whole log only.
  if (options.hasSubscription() && !options.hasAll()) throw notServed();
  if (options.hasSubscription()) return new Subscription(serving, call, options).run();
  const of = options.getStream();
  const found = of ? ofStream(stored, of, options) : ofAll(stored, options);
  if (found === undefined) await send(call, new streams.ReadResp().setStreamNotFound(notFound(of)));
  else for (const event of found) if (!(await send(call, responseOf(event)))) return;
  call.end();
}

function ofStream(stored: StoredStreams, of: ReadReq.Options.StreamOptions, options: ReadReq.Options): readonly Stored[] | undefined {
  const name = nameOf(of);
  if (stored.isDeletedForEver(name)) throw streamDeleted(name);
  const shown = stored.show(name);
  if (!shown) return undefined;
  const backwards = isBackwards(options);
  const from = of.hasStart() ? 0n : of.hasEnd() ? shown.last : BigInt(of.getRevision());
  const ordered = backwards
    ? shown.events.filter(({ revision }) => revision <= from).reverse()
    : shown.events.filter(({ revision }) => revision >= from);
  return ordered.slice(0, countOf(options));
}

/** A position is where a record begins: forwards the event there is read, backwards those that end before it. The client asks for no filter here. */
function ofAll(stored: StoredStreams, options: ReadReq.Options): readonly Stored[] {
  const all = options.getAll();
  const position = all?.getPosition();
  const at = position ? stored.indexAt(BigInt(position.getCommitPosition())) : all?.hasEnd() ? stored.all.length : 0;
  if (at === undefined) throw invalidPosition();
  return (isBackwards(options) ? stored.all.slice(0, at).reverse() : stored.all.slice(at)).slice(0, countOf(options));
}

function notFound(of: ReadReq.Options.StreamOptions | undefined): ReadResp.StreamNotFound {
  return new streams.ReadResp.StreamNotFound().setStreamIdentifier(of?.getStreamIdentifier() ?? new shared.StreamIdentifier());
}

const nameOf = (of: ReadReq.Options.StreamOptions): string => Buffer.from(of.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
const isBackwards = (options: ReadReq.Options): boolean => options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
const countOf = (options: ReadReq.Options): number => Number(options.getCount());
