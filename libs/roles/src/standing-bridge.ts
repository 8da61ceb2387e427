import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bridge, BridgeHealth, PumpHealth } from '#bridge';
import type { Leadership } from '#projection';
import type { Logger } from '#telemetry';

/** A bridge at work, and how to end it with all that it has opened. */
export type Carrying = { readonly bridge: Bridge; readonly stop: () => Promise<void> };

export type StandingBridgeOptions = {
  readonly leadership: Leadership;
  /** What is led: bridges of one name stand by for one another. */
  readonly name: string;
  /** Begins to carry. Called anew each time that this process comes to lead. */
  readonly carry: () => Promise<Carrying>;
  readonly logger: Pick<Logger, 'error'>;
  /** How long the lead is left to others where something was wrong with it; 5000 when absent. */
  readonly yieldMs?: number;
};

const yieldMsDefault = 5_000;

/** Of several bridges one carries; the others stand by, and one of them goes on where it ended. Ends by `stop` alone. */
export function standingBridge(options: StandingBridgeOptions): Bridge {
  const bridge = new StandingBridge(options);
  const ended = bridge.run();
  return {
    ended,
    health: () => bridge.health(),
    async stop() {
      bridge.stopping.abort();
      await ended;
    },
  };
}

class StandingBridge {
  readonly stopping = new AbortController();
  readonly #options: StandingBridgeOptions;
  #carrying: Bridge | undefined;
  /** How both directions stand while it does not carry. */
  #resting: PumpHealth = standingBy;

  constructor(options: StandingBridgeOptions) {
    this.#options = options;
  }

  async health(): Promise<BridgeHealth> {
    return this.#carrying ? this.#carrying.health() : { specs: this.#resting, statuses: this.#resting };
  }

  async run(): Promise<void> {
    const { leadership, name, logger, yieldMs = yieldMsDefault } = this.#options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const lease = await leadership.lead(name, signal);
      if (!lease) break;
      try {
        this.#resting = await this.#carryUntil(AbortSignal.any([signal, lease.lost]));
      } catch (err) {
        logger.error({ err }, 'orders cannot be carried; it is tried again');
        this.#resting = { state: 'retrying', lastError: err instanceof Error ? err.message : String(err), lag: 0n };
      } finally {
        await lease.release();
      }
      if (this.#resting !== standingBy) await pause(yieldMs, undefined, { signal }).catch(() => undefined);
    }
    this.#resting = { state: 'stopped', lag: 0n };
  }

  /** Answers how it stands afterwards. */
  async #carryUntil(over: AbortSignal): Promise<PumpHealth> {
    const { bridge, stop } = await this.#options.carry();
    this.#carrying = bridge;
    try {
      if (over.aborted) return standingBy;
      // What ends unasked was fenced: by a bridge that takes no part in this, such as one of an earlier version.
      return await Promise.race([bridge.ended.then(() => relieved), once(over, 'abort').then(() => standingBy)]);
    } finally {
      await stop();
      this.#carrying = undefined;
    }
  }
}

const standingBy: PumpHealth = { state: 'standby', lag: 0n };
const relieved: PumpHealth = { state: 'fenced', lag: 0n };
