import type { SpecMessage } from './messages.ts';

/** One instance as a consumer wants it now. */
export type Desired = {
  /** Cluster name of the consumer's workspace. */
  readonly account: string;
  readonly uid: string;
  readonly plural: string;
  /** Where the consumer's account stood, digits. */
  readonly sequence: string;
  readonly object: SpecMessage;
};
