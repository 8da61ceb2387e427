import type { Metadata, ServiceError } from '@grpc/grpc-js';
import type { Faults } from './faults.ts';
import type { StoredStreams } from './stored-streams.ts';

export type Asked = { readonly isWrite: boolean; readonly ofAll?: boolean };

/** What a call needs of the node that serves it. */
export type Serving = {
  readonly streams: StoredStreams;
  readonly faults: Faults;
  /** As much as one append may hold, and one event in it, in bytes. */
  readonly appendBytesMax: number;
  readonly eventBytesMax: number;
  /** Whether it says where an append stands that it only recognises. */
  readonly tellsRepeats: boolean;
  /** What stands against a call, if anything. */
  readonly refusalOf: (metadata: Metadata, asked: Asked) => ServiceError | undefined;
};
