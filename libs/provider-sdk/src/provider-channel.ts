import type { WireRecord } from './wire-record.ts';

/** What a provider needs of the way to the mesh. Kafka is one, a queue inside the process another. */
export interface ProviderChannel {
  /** Comes before every topic's name on this way. */
  readonly prefix: string;

  /**
   * Delivers the records of the export's spec topics from their beginning (of each key at least the last record), then what
   * follows, until `signal` aborts; then it resolves. Records of one key come in order; any may come twice. Outages are
   * ridden out inside: it never rejects.
   */
  subscribe(subscription: Subscription, sink: SpecSink, signal: AbortSignal): Promise<void>;

  /** Resolves when the record is kept safely. At least once: after a throw it may or may not have arrived. */
  report(record: WireRecord): Promise<void>;

  /** Ends connections. Nothing may be called afterwards. */
  close(): Promise<void>;
}

export type Subscription = { readonly export: string; readonly plurals: readonly string[] };

export interface SpecSink {
  records(batch: readonly WireRecord[]): void;
  /** Called once: every record that stood in the topics at the beginning has been delivered. */
  caughtUp(): void;
}
