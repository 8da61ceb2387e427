import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { RecordedEvent } from '#stream';

/** Where the log keeps its streams: all of them have names that begin with `prefix`. */
export class StreamNames {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  kept(stream: string): string {
    return `${this.prefix}${stream}`;
  }

  owns(name: string | undefined): boolean {
    return name?.startsWith(this.prefix) ?? false;
  }

  /** Events are kept as bytes, not as JSON: the text comes back exactly, and nobody parses it on the way. */
  recorded({ event }: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent {
    if (!event) throw new TypeError('the server sent no event where one was asked for');
    const { id, type, data, streamId, revision, position } = event;
    if (!(data instanceof Uint8Array)) throw new TypeError(`event ${revision} of ${streamId} was written by somebody else: it is JSON`);
    return { id, type, data: textOf(data), stream: streamId.slice(this.prefix.length), revision, position: positionOf(position?.commit) };
  }
}

/** What a server puts where it knows no position: -1, unsigned. */
const unknownPosition = 2n ** 64n - 1n;

/**
 * Events that are written over gRPC are committed by themselves: the positions of commit and prepare are one, the byte offset in the server's
 * log, and one bigint says both.
 */
function positionOf(commit: bigint | undefined): bigint {
  if (commit === undefined || commit === unknownPosition)
    throw new TypeError('the server does not tell the positions of events: it must be EventStoreDB 22.10, KurrentDB 25.0 or newer');
  return commit;
}

/**
 * A place in the server's log, as a subscription is resumed from it. Where an event of ours stands, both are its position. A checkpoint may say
 * where the next record will begin, of which nothing has been told yet: then `prepare` is less.
 */
export type Place = { readonly commit: bigint; readonly prepare: bigint };

export const placeAt = (position: bigint): Place => ({ commit: position, prepare: position });

/** The last position at which an event would have been told by then. */
export const toldUpTo = ({ commit, prepare }: Place): bigint => (prepare < commit ? commit - 1n : commit);

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
