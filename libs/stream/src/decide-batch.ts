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
 * Whoever's decision throws, or cannot be written, is told so; the others are not affected.
 * @throws what `evolve` throws: what the fork has become by then is not known
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
    const written = writtenBy(decide, fork, fold);
    if (written.type === 'thrown') answers.push(() => reject(written.bug));
    else if (written.type === 'refused') answers.push(() => resolve(written));
    else {
      for (const [event, encoded] of written.events) {
        const at = revision + BigInt(events.length) + 1n;
        length += encoded.data.length;
        events.push({ id: randomUUID(), ...encoded });
        committed.push({ event, revision: at, effect: fold.evolve(fork, event, at) });
      }
      answers.push(() => resolve({ type: 'committed' }));
    }
  }
  return { fork, events, committed, answers, length };
}

type Written<Event> =
  | { readonly type: 'written'; readonly events: readonly (readonly [Event, Omit<NewEvent, 'id'>])[] }
  | { readonly type: 'refused'; readonly refusal: unknown }
  | { readonly type: 'thrown'; readonly bug: unknown };

/** All of a decision's events as they are to be appended, before any of them counts. */
function writtenBy<State, Event, Effect>(
  decide: Task<State, Event>['decide'],
  state: State,
  fold: ActorFold<State, Event, Effect>,
): Written<Event> {
  try {
    const decision = decide(state);
    if (decision.type === 'refused') return decision;
    return { type: 'written', events: decision.events.map((event) => [event, fold.encode(event)]) };
  } catch (bug) {
    return { type: 'thrown', bug };
  }
}
