import type { TopicPlan, WireRecord } from '#provider-sdk';

/** The way between the mesh and its providers, seen from the mesh. Every implementation passes `channelContract`. */
export interface Channel {
  /** Comes before every topic's name on this way. */
  readonly prefix: string;

  /** Makes what is missing and checks what is there. From then on reports on these topics are received. */
  ensureTopics(plan: readonly TopicPlan[]): Promise<TopicsOutcome>;

  /**
   * The log position up to which everything has been delivered, 0n at first. Asking makes this the one bridge: another
   * one's next delivery is fenced. To be asked at the start, and again after every throw of `deliver`.
   * @throws ChannelFenced when another bridge has taken over from this one. @throws TopicsRefused
   */
  checkpoint(): Promise<bigint>;

  /**
   * Delivers all records and remembers the position, or nothing. Resolves when both are kept safely.
   * @throws ChannelFenced @throws Error when the outcome is unknown: then `checkpoint` tells.
   */
  deliver(records: readonly WireRecord[], position: bigint): Promise<void>;

  /**
   * Hands over reports in batches, until `signal` aborts; then it resolves. A batch is done when `receive` resolves; it
   * comes again if that rejects, or if the process dies before. Reports of one key come in order, of others at the same time.
   */
  statuses(receive: (batch: readonly StatusRecord[]) => Promise<void>, signal: AbortSignal): Promise<void>;

  /** Keeps a report that could not be applied, with the reason. Resolves when it is kept safely. */
  park(parked: ParkedRecord): Promise<void>;

  /** The newest parked report of each key that was not replayed since. */
  parked(): Promise<readonly ParkedRecord[]>;

  /** Sends a parked report once more, under the header `x-replay: true`; the key no longer counts as parked. */
  replay(parked: ParkedRecord): Promise<void>;

  /** Gives a parked report up: the next one of its key may come through. */
  drop(parked: ParkedRecord): Promise<void>;

  /** Ends connections. Nothing may be called afterwards. */
  close(): Promise<void>;
}

export type TopicsOutcome = { readonly type: 'ready' } | { readonly type: 'mismatch'; readonly mismatches: readonly TopicMismatch[] };

/** A topic that stands, but not as the contract says. */
export type TopicMismatch = { readonly topic: string; readonly setting: string; readonly expected: string; readonly actual: string };

/** A report as it arrived. Topic, partition and offset name it for ever. */
export type StatusRecord = WireRecord & { readonly partition: number; readonly offset: string };

export type ParkedRecord = {
  readonly record: StatusRecord;
  readonly reason: string;
  /** How often it was tried before it was parked. */
  readonly attempts: number;
};

export const replayHeader = 'x-replay';

/** Another bridge has taken over; this one must stop, and must not try again. */
export class ChannelFenced extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChannelFenced';
  }
}

/** Nothing may be carried while topics stand other than the contract says; the message names each setting. */
export class TopicsRefused extends Error {
  constructor(mismatches: readonly TopicMismatch[]) {
    super(
      mismatches
        .map(({ topic, setting, expected, actual }) => `topic ${topic} has ${setting}=${actual}, the contract says ${expected}`)
        .join('; '),
    );
    this.name = 'TopicsRefused';
  }
}
