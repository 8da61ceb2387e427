import type { Readiness, ReadinessCheck } from '#facade-kube';
import { gauge, type Logger } from '#telemetry';
import { partNames, type Part } from './parts.ts';

const healthy = gauge({
  name: 'tributary_part_healthy',
  help: '1 where a part of the installation is well, as this process sees it, 0 where it is not.',
  labels: { part: partNames },
});

export type WatchedHealth = Readiness & {
  /** The start is finished: from here on the process may get requests. */
  readonly started: () => void;
  /** The process is about to stop: it should get no more. */
  readonly stopping: () => void;
  readonly stop: () => void;
};

type Lines = Pick<Logger, 'info' | 'warn'>;

/** Looks at the parts in the background, so that a probe is answered from memory. What changes is a line in the log, with the reason. */
export function watchHealth(parts: readonly Part[], logger: Lines): WatchedHealth {
  let startup: ReadinessCheck = { name: 'startup', healthy: false, required: true, message: 'the start is not finished' };
  let shutdown: ReadinessCheck = { name: 'shutdown', healthy: true, required: true };
  const watched = parts.map((part) => new WatchedPart(part, logger));
  return {
    checks: () => [startup, shutdown, ...watched.map((part) => part.check)],
    started() {
      startup = { name: 'startup', healthy: true, required: true };
    },
    stopping() {
      shutdown = { name: 'shutdown', healthy: false, required: true, message: 'the server is about to stop' };
    },
    stop() {
      for (const part of watched) part.stop();
    },
  };
}

class WatchedPart {
  check: ReadinessCheck;
  readonly #part: Part;
  readonly #timer: NodeJS.Timeout;
  readonly #untrack: () => void;
  readonly #logger: Lines;
  #isLooking = false;

  constructor(part: Part, logger: Lines) {
    const { name, required, everyMs } = part;
    this.#part = part;
    this.#logger = logger;
    this.check = { name, healthy: true, required };
    this.#timer = setInterval(() => void this.#look(), everyMs).unref();
    this.#untrack = healthy.track({ part: name }, () => Number(this.check.healthy));
    void this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#untrack();
  }

  /** A look that lasts is not begun a second time. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { name, required, look } = this.#part;
    let err: unknown;
    const message = await look().catch((failure: unknown) => {
      err = failure;
      return 'it does not answer';
    });
    this.#isLooking = false;
    this.#say(message, err);
    this.check = { name, healthy: message === undefined, required, ...(message === undefined ? {} : { message }) };
  }

  /** Probes are answered to anybody: what exactly is wrong stands in the log only. */
  #say(message: string | undefined, err: unknown): void {
    const { name: part } = this.#part;
    const healthy = message === undefined;
    if (healthy === this.check.healthy) return;
    if (healthy) this.#logger.info({ part }, 'a part is well again');
    else this.#logger.warn({ part, reason: message, ...(err === undefined ? {} : { err }) }, 'a part is not well');
  }
}
