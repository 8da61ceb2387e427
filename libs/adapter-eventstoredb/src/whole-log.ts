import { BACKWARDS, END, START, streamNameFilter, type AllStreamResolvedEvent, type AllStreamSubscription } from '@eventstore/db-client';
import type { RecordedEvent } from '#stream';
import { batchesOf } from './batches.ts';
import { isWrongCall } from './failures.ts';
import type { LogClient } from './log-client.ts';
import type { Patience } from './patience.ts';
import { placeAt, toldUpTo, type Place, type StreamNames } from './recorded.ts';

const retryPauseMs = 50;
const pageMax = 512;

type Followed = { readonly events: readonly RecordedEvent[]; readonly place: Place; readonly isPresent: boolean };

/** Reads the log as a whole: what stands in streams with the prefix, in the server's order. */
export class WholeLog {
  readonly #client: LogClient;
  readonly #names: StreamNames;
  readonly #patience: Patience;
  /** Where the head was last found, and from where it had been looked for: nothing of ours stands between. */
  #found = { head: 0n, top: 0n };

  constructor(client: LogClient, names: StreamNames, patience: Patience) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
  }

  /** A place in the server's log at which `head` has looked already. */
  get lookedAt(): bigint {
    return this.#found.top;
  }

  /** The position of our last event. The client filters subscriptions only, so others' events are read over, in pages that grow. */
  head(): Promise<bigint> {
    return this.#patience.insist(() => this.#lookForHead());
  }

  /**
   * What stands behind `after`, in batches, up to the head as of the call or later. @throws LogUnavailable, RangeError for a position that this
   * log never told
   */
  async *batches(after: bigint): AsyncGenerator<readonly RecordedEvent[]> {
    const target = await this.head();
    for (let seen = placeAt(after); toldUpTo(seen) < target;) {
      try {
        for await (const { events, place, isPresent } of this.follow(seen, { silenceMs: this.#patience.attemptMs })) {
          this.#patience.answered();
          if (events.length > 0) yield events;
          seen = place;
          // The head may be gone meanwhile, where somebody deleted its stream in the server: then all else is told, and it is not.
          if (isPresent || toldUpTo(seen) >= target) return;
        }
        throw new Error('the server ended a subscription');
      } catch (failure) {
        if (isWrongCall(failure)) throw new RangeError(`${after} is not a position of this log`, { cause: failure });
        await this.#patience.afterFailure(failure, retryPauseMs);
      }
    }
  }

  /**
   * One subscription to what stands behind `after`. `place` is how far it has come, also where nothing of ours was: the server tells by
   * checkpoints. `isPresent`: all that was in the log when it began has been told. Ends, or fails, when the server or the connection does.
   */
  async *follow(after: Place, options: { readonly silenceMs?: number; readonly signal?: AbortSignal }): AsyncGenerator<Followed> {
    let checkpoint = after;
    let place = after;
    let isPresent = false;
    const subscription: AllStreamSubscription = this.#client.subscribeToAll({
      fromPosition: after.commit > 0n ? after : START,
      requiresLeader: true,
      filter: streamNameFilter({
        prefixes: [this.#names.prefix],
        checkpointInterval: 4,
        checkpointReached: async (_, reached) => {
          checkpoint = reached;
          subscription.emit('alive');
        },
      }),
    });
    subscription.on('caughtUp', () => {
      isPresent = true;
      subscription.emit('alive');
    });
    for await (const resolved of batchesOf<AllStreamResolvedEvent>(subscription, options)) {
      const events = resolved.map((each) => this.#names.recorded(each));
      const last = events.at(-1);
      if (last) place = placeAt(last.position);
      // A checkpoint comes behind the events before it; those that wait still are told with the next batch.
      const isAllTaken = subscription.readableLength === 0;
      if (isAllTaken && toldUpTo(checkpoint) > toldUpTo(place)) place = checkpoint;
      yield { events, place, isPresent: isPresent && isAllTaken };
    }
  }

  async #lookForHead(): Promise<bigint> {
    let top: bigint | undefined;
    let below: bigint | undefined;
    for (let maxCount = 1; ; maxCount = Math.min(maxCount * 32, pageMax)) {
      const page = await this.#pageBackwards(below, maxCount);
      for (const { event } of page) {
        const position = event?.position.commit ?? 0n;
        top ??= position;
        if (this.#names.owns(event?.streamId)) return this.#remember(position, top);
        if (position <= this.#found.top) return this.#remember(this.#found.head, top);
        below = position;
      }
      if (page.length < maxCount) return this.#remember(0n, top ?? 0n);
    }
  }

  #remember(head: bigint, top: bigint): bigint {
    if (top > this.#found.top) this.#found = { head, top };
    return head;
  }

  async #pageBackwards(below: bigint | undefined, maxCount: number): Promise<readonly AllStreamResolvedEvent[]> {
    const page: AllStreamResolvedEvent[] = [];
    const read = this.#client.readAll({
      fromPosition: below === undefined ? END : placeAt(below),
      direction: BACKWARDS,
      maxCount,
      requiresLeader: true,
    });
    for await (const batch of batchesOf<AllStreamResolvedEvent>(read, { silenceMs: this.#patience.attemptMs })) page.push(...batch);
    return page;
  }
}
