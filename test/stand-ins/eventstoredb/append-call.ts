import type { handleClientStreamingCall } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { accessDenied, timedOut, tooLarge } from './refusals.ts';
import type { Serving } from './serving.ts';
import type { Appended, Expected, Proposed } from './stored-streams.ts';

/** Streams.Append: the first message names stream and expected revision, each that follows is an event. */
export function appendCall(serving: Serving): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, answer) => {
    const refusal = serving.refusalOf(call.metadata, true);
    if (refusal) return answer(refusal);
    let options: AppendReq.Options | undefined;
    const events: Proposed[] = [];
    let bytes = 0;
    call.on('error', () => undefined);
    call.on('data', (message: AppendReq) => {
      const proposed = message.getProposedMessage();
      options ??= message.getOptions();
      if (!proposed) return;
      bytes += proposed.getData_asU8().length;
      events.push(proposalOf(proposed));
    });
    call.on('end', () => {
      if (!options) return answer(accessDenied());
      if (bytes > serving.appendBytesMax) return answer(tooLarge(serving.appendBytesMax));
      const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
      const expected = expectedBy(options);
      void serving.faults.append(
        () => serving.streams.append(stream, expected, events),
        (appended) => (appended === 'timeout' ? answer(timedOut()) : answer(null, responseOf(appended, expected))),
      );
    });
  };
}

function proposalOf(proposed: AppendReq.ProposedMessage): Proposed {
  const metadata = proposed.getMetadataMap();
  const id = proposed.getId();
  return {
    id: id?.hasString() ? id.getString() : uuidOf(id?.getStructured()),
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

function responseOf(appended: Appended, expected: Expected): AppendResp {
  const response = new streams.AppendResp();
  if (appended.type === 'success') {
    const position = new streams.AppendResp.Position().setCommitPosition(`${appended.position}`).setPreparePosition(`${appended.position}`);
    return response.setSuccess(new streams.AppendResp.Success().setCurrentRevision(`${appended.revision}`).setPosition(position));
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (appended.current < 0n) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(`${appended.current}`);
  if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (typeof expected === 'bigint') wrong.setExpectedRevision(`${expected}`);
  else wrong.setExpectedAny(new shared.Empty());
  return response.setWrongExpectedVersion(wrong);
}
