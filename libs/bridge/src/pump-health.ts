/** How a pump does, for readiness and for people. */
export type PumpHealth = {
  readonly state: PumpState;
  /** What went wrong last; absent while all is well. */
  readonly lastError?: string;
  /** How many positions of the log, or reports in hand, are still to be carried. */
  readonly lag: bigint;
};

export type PumpState =
  /** Another process carries; this one goes on where that one ends. */
  | 'standby'
  | 'starting'
  | 'carrying'
  /** The way is blocked by an outage; it is tried again and again, and nothing is lost meanwhile. */
  | 'retrying'
  /** A topic stands other than the contract says; it is looked at again and again. */
  | 'refusing'
  /** Another bridge has taken over. This pump has ended. */
  | 'fenced'
  | 'stopped';

export interface Pump {
  health(): Promise<PumpHealth>;
  /** Resolves when the pump has ended, by `stop` or because it was fenced. Never rejects. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}
