import type { Decision } from './decision.ts';
import { noRevision } from './event-log.ts';
import type { EventLog, NewEvent, RecordedEvent } from './event-log.ts';

/** The pure half of a stream: how to start, how one event changes what is known, and how events are written down. */
export type Fold<Event, State> = {
  readonly initial: () => State;
  /** May change `state` in place and answer it. */
  readonly evolve: (state: State, event: Event) => State;
  readonly decode: (recorded: RecordedEvent) => Event;
  /** Gives the event its id: called once per decision, so a retry of the append carries the same one. */
  readonly encode: (event: Event) => NewEvent;
};

export type Outcome<State, Refusal> =
  /** `revision` is the stream's last one, `noRevision` where nothing was ever recorded; `state` includes it. */
  | { readonly type: 'committed'; readonly revision: bigint; readonly state: State }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** Other writers were faster each time. */
  | { readonly type: 'contended' };

const attemptsMax = 5;

/**
 * Load, decide, append; on a conflict fold what the other writer left, and decide again. Reads the whole stream:
 * for streams that stay short. Accounts have an actor.
 */
export async function transact<Event, State, Refusal>(
  log: EventLog,
  stream: string,
  fold: Fold<Event, State>,
  decide: (state: State) => Decision<Event, Refusal>,
): Promise<Outcome<State, Refusal>> {
  let state = fold.initial();
  let revision = noRevision;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    for await (const recorded of log.readStream(stream, revision + 1n)) {
      state = fold.evolve(state, fold.decode(recorded));
      revision = recorded.revision;
    }
    const decision = decide(state);
    if (decision.type === 'refused') return decision;
    if (decision.events.length === 0) return { type: 'committed', revision, state };
    const result = await log.append(stream, revision, decision.events.map(fold.encode));
    if (result.type === 'conflict') continue;
    for (const event of decision.events) state = fold.evolve(state, event);
    return { type: 'committed', revision: result.revision, state };
  }
  return { type: 'contended' };
}
