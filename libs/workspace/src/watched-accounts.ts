import type { EventLog, RecordedEvent } from '#stream';

const retryPauseMs = 200;
/** Whoever stops watching is often followed by somebody who begins. */
const restMsDefault = 1_000;

/**
 * Brings what other processes append to the accounts in memory that somebody watches. While nobody does, nothing is followed: whoever asks for
 * anything has the log asked what lies behind his account's state.
 */
export class WatchedAccounts {
  readonly #log: Pick<EventLog, 'headOfAll' | 'subscribeAll'>;
  readonly #restMs: number;
  readonly #byStream = new Map<string, Account>();
  #following: Following | undefined;
  #resting: NodeJS.Timeout | undefined;

  constructor(log: Pick<EventLog, 'headOfAll' | 'subscribeAll'>, restMs = restMsDefault) {
    this.#log = log;
    this.#restMs = restMs;
  }

  /** From here on it is told; what was appended before is looked for. */
  add(account: Account): void {
    this.#byStream.set(account.stream, account);
    clearTimeout(this.#resting);
    if (this.#following?.hasBegun) account.lookAgain();
    else if (!this.#following) void this.#follow();
  }

  remove(account: Account): void {
    if (this.#byStream.get(account.stream) !== account) return;
    this.#byStream.delete(account.stream);
    if (this.#byStream.size > 0) return;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.close(), this.#restMs).unref();
  }

  close(): void {
    clearTimeout(this.#resting);
    this.#following?.stop.abort();
    this.#following = undefined;
  }

  async #follow(): Promise<void> {
    const following: Following = { stop: new AbortController(), hasBegun: false };
    this.#following = following;
    const { signal } = following.stop;
    for (let after: bigint | undefined; !signal.aborted;) {
      try {
        if (after === undefined) {
          after = await this.#log.headOfAll();
          following.hasBegun = true;
          // What others appended up to there, while nobody was told.
          for (const account of this.#byStream.values()) account.lookAgain();
        }
        for await (const batch of this.#log.subscribeAll(after, signal)) {
          this.#tell(batch);
          after = batch.at(-1)?.position ?? after;
        }
      } catch {
        // The log is out of reach: reads say so themselves, and watches go on when it is back.
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
      }
    }
  }

  #tell(batch: readonly RecordedEvent[]): void {
    for (const [stream, events] of Map.groupBy(batch, (event) => event.stream)) this.#byStream.get(stream)?.learn(events);
  }
}

type Account = {
  readonly stream: string;
  /** Takes in what was appended to its stream while nobody told it. */
  readonly lookAgain: () => void;
  readonly learn: (events: readonly RecordedEvent[]) => void;
};

/** `hasBegun`: whether it is known from where on the log is followed. */
type Following = { readonly stop: AbortController; hasBegun: boolean };
