import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';

export type Call = ServerWritableStream<ReadReq, ReadResp>;

/** Waits while the reader is slow. False when it has gone. */
export async function send(call: Call, response: ReadResp): Promise<boolean> {
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
