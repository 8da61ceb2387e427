import { eventOf, type AccountEvent } from '#account';
import type { RecordedEvent } from '#stream';
import type { View, ViewChange } from './projection.ts';

const accountStream = 'account-';

/** What a recorded event changes in a view. @throws whatever is wrong with the event */
export function changesOf(view: View, recorded: RecordedEvent): readonly ViewChange[] {
  if (!recorded.stream.startsWith(accountStream) || !view.concerns(recorded)) return [];
  const cluster = recorded.stream.slice(accountStream.length);
  return view.changes({ cluster, position: recorded.position, revision: recorded.revision, event: decoded(recorded) });
}

const known = new WeakMap<RecordedEvent, AccountEvent>();

/** Views follow the log side by side: what comes from another process is decoded once for all of them. */
function decoded(recorded: RecordedEvent): AccountEvent {
  if (recorded.decoded !== undefined) return eventOf(recorded);
  let event = known.get(recorded);
  if (!event) known.set(recorded, (event = eventOf(recorded)));
  return event;
}
