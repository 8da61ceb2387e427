import { randomUUID } from 'node:crypto';
import type { ActorFold, Committed } from './actor-fold.ts';
import type { Decision } from './decision.ts';
import type { NewEvent } from './event-log.ts';

export type ActorOutcome<Refusal> = { readonly type: 'committed' } | { readonly type: 'refused'; readonly refusal: Refusal };

/** Somebody who wants to change the state, and how to answer them. */
export type Task<State, Event> = {
  readonly decide: (state: State) => Decision<Event, unknown>;
  readonly resolve: (outcome: ActorOutcome<unknown>) => void;
  readonly reject: (reason: unknown) => void;
};

/** What a batch comes to, should it be appended: nobody is answered and nothing is taken into the state before that. */
export type DecidedBatch<State, Event, Effect> = {
  readonly fork: State;
  readonly events: readonly NewEvent[];
  readonly committed: readonly Committed<Event, Effect>[];
  /** How to answer each, in the order of the tasks. */
  readonly answers: readonly (() => void)[];
  /** Of the events as text, in characters. */
  readonly length: number;
};

/**
 * Decides one task after the other, each against the state plus the events of those before it. `revision` is the one that the state is of.
 * Whoever's decision throws is told so; the others are not affected.
 */
export function decideBatch<State, Event, Effect>(
  batch: readonly Task<State, Event>[],
  fold: ActorFold<State, Event, Effect>,
  state: State,
  revision: bigint,
): DecidedBatch<State, Event, Effect> {
  const fork = fold.fork(state);
  const events: NewEvent[] = [];
  const committed: Committed<Event, Effect>[] = [];
  const answers: (() => void)[] = [];
  let length = 0;
  for (const { decide, resolve, reject } of batch) {
    try {
      const decision = decide(fork);
      if (decision.type === 'refused') {
        answers.push(() => resolve(decision));
        continue;
      }
      for (const event of decision.events) {
        const written = revision + BigInt(events.length) + 1n;
        const encoded = fold.encode(event);
        length += encoded.data.length;
        events.push({ id: randomUUID(), ...encoded });
        committed.push({ event, revision: written, effect: fold.evolve(fork, event, written) });
      }
      answers.push(() => resolve({ type: 'committed' }));
    } catch (bug) {
      answers.push(() => reject(bug));
    }
  }
  return { fork, events, committed, answers, length };
}
