import type { handleClientStreamingCall, ServiceError } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { accessDenied, eventTooLarge, streamDeleted, timedOut, tooLarge } from './refusals.ts';
import type { Serving } from './serving.ts';
import type { Appended, Expected, Proposed } from './stored-streams.ts';

/** Streams.Append: the first message names stream and expected revision, each that follows is an event. A refusal does not wait for the last of them. */
export function appendCall(serving: Serving): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, answer) => {
    const refusal = serving.refusalOf(call.metadata, { isWrite: true });
    if (refusal) return answer(refusal);
    let options: AppendReq.Options | undefined;
    const events: Proposed[] = [];
    let bytes = 0;
    let isRefused = false;
    const refuse = (reason: ServiceError): void => {
      isRefused = true;
      answer(reason);
    };
    call.on('error', () => undefined);
    call.on('data', (message: AppendReq) => {
      const proposed = message.getProposedMessage();
      options ??= message.getOptions();
      if (!proposed || isRefused) return;
      const event = proposalOf(proposed);
      const size = sizeOf(proposed);
      bytes += size;
      if (size > serving.eventBytesMax) return refuse(eventTooLarge({ id: event.id, bytes: size }, serving.eventBytesMax));
      if (bytes > serving.appendBytesMax) return refuse(tooLarge(serving.appendBytesMax));
      events.push(event);
    });
    call.on('end', () => {
      if (isRefused) return;
      if (!options) return answer(accessDenied());
      const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
      const expected = expectedBy(options);
      void serving.faults.append(
        () => serving.streams.append(stream, expected, events),
        (appended) => {
          if (appended === 'timeout') answer(timedOut());
          else if (appended.type === 'deleted') answer(streamDeleted(stream));
          else answer(null, responseOf(appended, expected, serving.tellsRepeats));
        },
      );
    });
  };
}

/** As the server counts: names of types in UTF-16. */
const sizeOf = (proposed: AppendReq.ProposedMessage): number =>
  proposed.getData_asU8().length + proposed.getCustomMetadata_asU8().length + 2 * (proposed.getMetadataMap().get('type') ?? '').length;

function proposalOf(proposed: AppendReq.ProposedMessage): Proposed {
  const metadata = proposed.getMetadataMap();
  const id = proposed.getId();
  return {
    id: (id?.hasString() ? id.getString() : uuidOf(id?.getStructured())).toLowerCase(),
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    body: proposed.getData_asU8(),
  };
}

/** Two signed halves, high and low. */
function uuidOf(halves: { getMostSignificantBits(): string; getLeastSignificantBits(): string } | undefined): string {
  const hex = [halves?.getMostSignificantBits(), halves?.getLeastSignificantBits()]
    .map((half) =>
      BigInt.asUintN(64, BigInt(half ?? 0))
        .toString(16)
        .padStart(16, '0'),
    )
    .join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function expectedBy(options: AppendReq.Options): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasAny() ? 'any' : BigInt(options.getRevision());
}

function responseOf(appended: Exclude<Appended, { type: 'deleted' }>, expected: Expected, tellsRepeats: boolean): AppendResp {
  const response = new streams.AppendResp();
  if (appended.type === 'success') {
    const success = new streams.AppendResp.Success().setCurrentRevision(`${appended.revision}`);
    if (appended.isRepeat && !tellsRepeats) return response.setSuccess(success.setNoPosition(new shared.Empty()));
    const position = new streams.AppendResp.Position().setCommitPosition(`${appended.position}`).setPreparePosition(`${appended.position}`);
    return response.setSuccess(success.setPosition(position));
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (appended.current < 0n) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(`${appended.current}`);
  if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (typeof expected === 'bigint') wrong.setExpectedRevision(`${expected}`);
  else wrong.setExpectedAny(new shared.Empty());
  return response.setWrongExpectedVersion(wrong);
}
