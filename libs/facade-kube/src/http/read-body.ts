import type { IncomingMessage } from 'node:http';
import { statusFailure, type StatusFailure } from '#kube';

const bodyBytesMax = 3 * 1024 * 1024;

/** How much of a body that is refused anyway is still read, so that the client gets to see the refusal. */
const drainedBytesMax = 16 * 1024 * 1024;

/** What the bodies that are coming in may take together. */
const waitingBytesMax = 256 * 1024 * 1024;

export type ReadBody =
  | { readonly type: 'read'; readonly bytes: Buffer }
  | { readonly type: 'refused'; readonly status: StatusFailure }
  | { readonly type: 'aborted' };

const tooLarge: ReadBody = {
  type: 'refused',
  status: statusFailure('RequestEntityTooLarge', `Request entity too large: limit is ${bodyBytesMax}`),
};
const noRoom: ReadBody = {
  type: 'refused',
  status: statusFailure('TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 }),
};
const aborted: ReadBody = { type: 'aborted' };

let waitingBytes = 0;

/** Reads a body within the limits. What exceeds them is let go as it comes. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let kept = 0;
    let refusal: ReadBody | undefined;
    const letGo = (): void => {
      chunks.length = 0;
      waitingBytes -= kept;
      kept = 0;
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) refusal = tooLarge;
      else if (waitingBytes + chunk.length > waitingBytesMax) refusal ??= noRoom;
      if (refusal === undefined) {
        chunks.push(chunk);
        kept += chunk.length;
        waitingBytes += chunk.length;
        return;
      }
      letGo();
      if (bytes > drainedBytesMax) resolve(refusal);
    });
    request.on('end', () => {
      const whole = refusal ?? { type: 'read', bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes) };
      letGo();
      resolve(whole);
    });
    const giveUp = (): void => {
      letGo();
      resolve(aborted);
    };
    request.on('error', giveUp);
    request.on('close', giveUp);
  });
}
