import { hop, type Logger } from '#telemetry';
import type { CheckpointStore, EventLog } from '#stream';
import type { House } from '#workspace';
import type { Reaction } from './reaction.ts';
import { keepFollowing, pause } from './following.ts';
import { reactionTo } from './reactions.ts';
import { sweep } from './sweep.ts';

export type PolicyOptions = {
  readonly house: House;
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly logger: Logger;
};

export type RunningPolicy = {
  /** How far everything before has been answered. */
  readonly position: () => bigint;
  readonly stop: () => Promise<void>;
};

const follower = 'policy';
const inFlightMax = 128;
const checkpointEveryMs = 500;
const retryMs = 200;

/**
 * Follows the whole log and answers what one account's event asks of another. Reactions are idempotent, and the
 * checkpoint never passes one that is not finished: after a crash the unfinished ones are simply done again.
 */
export async function runPolicy({ house, log, checkpoints, logger }: PolicyOptions): Promise<RunningPolicy> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const sweeper = new Sweeper(house);
  /** By the position before the event that is answered: a log takes back only positions that it has told. */
  const inFlight = new Map<bigint, Promise<void>>();
  let seen = await checkpoints.load(follower);
  let saved = seen;
  const position = (): bigint => {
    const oldest = inFlight.keys().next();
    return oldest.done ? seen : oldest.value;
  };
  const save = async (): Promise<void> => {
    const reached = position();
    if (reached === saved) return;
    await checkpoints.save(follower, reached);
    saved = reached;
  };
  const timer = setInterval(
    () => void save().catch((failure: unknown) => logger.warn({ err: failure }, 'policy cannot keep its checkpoint')),
    checkpointEveryMs,
  );

  const follow = async (): Promise<void> => {
    for await (const batch of log.subscribeAll(seen, signal)) {
      for (const recorded of batch) {
        const reaction = reactionTo(recorded, (cluster, cause) => sweeper.sweep(cluster, cause));
        if (reaction) {
          if (inFlight.size >= inFlightMax) await Promise.race(inFlight.values());
          const before = seen;
          const done = untilDone(reaction, recorded.type, { house, logger, signal }).finally(() => inFlight.delete(before));
          inFlight.set(before, done);
        }
        seen = recorded.position;
      }
    }
  };
  const running = keepFollowing(follow, signal, logger);

  return {
    position,
    async stop() {
      clearInterval(timer);
      // What was not finished is not checkpointed, so it is done again at the next start.
      const reached = position();
      stopping.abort();
      await running;
      await Promise.allSettled(inFlight.values());
      if (reached !== saved) await checkpoints.save(follower, reached);
    },
  };
}

type Trying = { readonly house: House; readonly logger: Logger; readonly signal: AbortSignal };

async function untilDone(reaction: Reaction, type: string, { house, logger, signal }: Trying): Promise<void> {
  while (!signal.aborted) {
    try {
      return await hop('policy/reactions.ts', { event: type }, () => reaction(house));
    } catch (failure) {
      logger.warn({ err: failure, event: type }, 'a reaction failed and will be tried again');
      await pause(retryMs, signal);
    }
  }
}

/** One sweep at a time for each workspace; those who ask meanwhile share the next one. */
class Sweeper {
  readonly #house: House;
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(house: House) {
    this.#house = house;
  }

  sweep(cluster: string, cause: string): Promise<void> {
    const running = this.#running.get(cluster);
    if (!running) return this.#start(cluster, cause);
    let next = this.#next.get(cluster);
    if (!next) {
      next = running
        .catch(() => undefined)
        .then(() => {
          this.#next.delete(cluster);
          return this.#start(cluster, cause);
        });
      this.#next.set(cluster, next);
    }
    return next;
  }

  #start(cluster: string, cause: string): Promise<void> {
    const sweeping = sweep(this.#house, { cluster, cause }).finally(() => this.#running.delete(cluster));
    this.#running.set(cluster, sweeping);
    return sweeping;
  }
}
