import type { NewEvent } from './event-log.ts';

/** The pure half of a stream that an actor keeps in memory. `State` changes in place; a fork sees its base and its own changes. */
export type ActorFold<State, Event, Effect> = {
  readonly initial: () => State;
  readonly evolve: (state: State, event: Event, revision: bigint) => Effect;
  readonly fork: (state: State) => State;
  readonly absorb: (state: State, fork: State) => void;
  /** `decoded` is what subscribers in this process may see of the event without parsing it. */
  readonly encode: (event: Event) => Omit<NewEvent, 'id'>;
  readonly decode: (data: string) => Event;
  readonly snapshotShape: number;
  /** In pieces, of what the state is at the call. */
  readonly takeSnapshot: (state: State) => Iterable<string>;
  readonly restoreSnapshot: (text: string) => State;
  /** Whether nothing can come any more: of such a state no snapshot is kept. */
  readonly isOver?: (state: State) => boolean;
  /** Gets what `decode` or `restoreSnapshot` will need for this text, if anything: they cannot wait. */
  readonly prepare?: (text: string, form: 'event' | 'snapshot') => Promise<void> | undefined;
};

/** Called with every batch that became durable, in order, before its writers are answered. `loading` until `load` resolves. */
export type CommittedListener<Event, Effect> = (committed: readonly Committed<Event, Effect>[], loading: boolean) => void;

export type Committed<Event, Effect> = { readonly event: Event; readonly revision: bigint; readonly effect: Effect };
