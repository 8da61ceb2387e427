import type { IncomingMessage } from 'node:http';

export const bodyBytesMax = 3 * 1024 * 1024;

/** How much of a body that is refused anyway is still read, so that the client gets to see the refusal. */
const drainedBytesMax = 16 * 1024 * 1024;

export type ReadBody = { readonly type: 'read'; readonly bytes: Buffer } | { readonly type: 'tooLarge' } | { readonly type: 'aborted' };

/** Reads a body within the limit. What exceeds it is let go as it comes. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
      else {
        chunks.length = 0;
        if (bytes > drainedBytesMax) resolve({ type: 'tooLarge' });
      }
    });
    request.on('end', () => {
      if (bytes > bodyBytesMax) resolve({ type: 'tooLarge' });
      else resolve({ type: 'read', bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes) });
    });
    request.on('error', () => resolve({ type: 'aborted' }));
    request.on('close', () => resolve({ type: 'aborted' }));
  });
}
