import type { Metadata, ServiceError } from '@grpc/grpc-js';
import type { Faults } from './faults.ts';
import type { StoredStreams } from './stored-streams.ts';

/** What a call needs of the node that serves it. */
export type Serving = {
  readonly streams: StoredStreams;
  readonly faults: Faults;
  /** As much as one append may hold, in bytes. */
  readonly appendBytesMax: number;
  /** What stands against a call, if anything. */
  readonly refusalOf: (metadata: Metadata, isWrite: boolean) => ServiceError | undefined;
};
