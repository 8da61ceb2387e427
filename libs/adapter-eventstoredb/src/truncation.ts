import { BACKWARDS, END, jsonEvent, metastreamOf, NO_STREAM, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import type { ResolvedEvent } from '@eventstore/db-client';
import { batchesOf } from './batches.ts';
import type { LogClient } from './log-client.ts';
import type { Patience } from './patience.ts';

type Metadata = { readonly [property: string]: string | number | boolean | object };
/** The stream's metadata and its revision there. `before`: what the stream keeps nothing below. */
type Kept = { readonly before: bigint; readonly metadata: Metadata; readonly revision: bigint | typeof NO_STREAM };

/** What the metadata of a stream say about truncation. The client's own reader gives a position for the revision, with which nothing could be written. */
export async function truncatedBefore(client: LogClient, name: string, silenceMs: number): Promise<Kept> {
  const read = client.readStream(metastreamOf(name), { fromRevision: END, direction: BACKWARDS, maxCount: 1, requiresLeader: true });
  try {
    for await (const [last] of batchesOf<ResolvedEvent>(read, { silenceMs })) {
      if (!last?.event) continue;
      const metadata = last.event.data as unknown as Metadata;
      return { before: BigInt(Number(metadata['$tb'] ?? 0)), metadata, revision: last.event.revision };
    }
  } catch (failure) {
    if (!(failure instanceof StreamNotFoundError)) throw failure;
  }
  return { before: 0n, metadata: {}, revision: NO_STREAM };
}

/** Lets the server forget what lies below `before`, unless it has done so. Other metadata stay. */
export async function truncateStream(client: LogClient, name: string, before: bigint, patience: Patience): Promise<void> {
  for (;;) {
    const { before: current, metadata, revision } = await patience.insist(() => truncatedBefore(client, name, patience.attemptMs));
    if (before <= current) return;
    const event = jsonEvent({ type: '$metadata', data: { ...metadata, $tb: Number(before) } });
    try {
      await patience.insist(() =>
        client.appendToStream(metastreamOf(name), event, {
          expectedRevision: revision,
          deadline: patience.attemptMs,
          requiresLeader: true,
        }),
      );
      return;
    } catch (failure) {
      // Another process was faster: what it wrote may be enough.
      if (!(failure instanceof WrongExpectedVersionError)) throw failure;
    }
  }
}
