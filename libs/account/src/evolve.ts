import type { AccountEvent } from './events.ts';
import { ObjectRecord } from './object-record.ts';
import type { AccountState } from './account-state.ts';

/** What one event changed about one object. `after` is the last state, at the removal's position, when `removed`. */
export type ObjectChange = {
  readonly position: bigint;
  readonly before: ObjectRecord | undefined;
  readonly after: ObjectRecord;
  readonly removed: boolean;
};

/** The only place that knows what an event changes. Answers the object's change, if it is one. */
export function evolve(state: AccountState, event: AccountEvent, revision: bigint): ObjectChange | undefined {
  state.revision = revision;
  switch (event.type) {
    case 'WorkspaceOpened':
      state.phase = 'open';
      state.cluster = event.cluster;
      state.path = event.path;
      state.owner = event.owner;
      return undefined;
    case 'WorkspaceClosing':
      state.phase = 'closing';
      return undefined;
    case 'WorkspaceClosed':
      state.phase = 'closed';
      return undefined;
    case 'ApiUnbound':
      state.bindings = new Map([...state.bindings].filter(([binding]) => binding !== event.binding));
      return undefined;
    case 'ApiBound':
      state.bindings = new Map([...state.bindings, [event.api.binding, event.api]]);
      return put(state, event, revision + 1n);
    case 'ResourceDeclared':
    case 'SpecRevised':
    case 'MetadataRevised':
    case 'StatusReported':
    case 'DeletionRequested':
      return put(state, event, revision + 1n);
    case 'ResourceRemoved': {
      const before = state.find(event.key);
      const after = recordOf(event, revision + 1n, undefined);
      state.remove(after, before);
      return { position: revision + 1n, before, after, removed: true };
    }
  }
}

type ObjectEvent = Extract<AccountEvent, { object: unknown }>;

function put(state: AccountState, event: ObjectEvent, position: bigint): ObjectChange {
  const before = state.find(event.key);
  const after = recordOf(event, position, before?.sequence);
  state.put(after, before);
  return { position, before, after, removed: false };
}

function recordOf(event: ObjectEvent, position: bigint, sequenceBefore: string | undefined): ObjectRecord {
  const sequence = (event.type === 'StatusReported' ? event.sequence : undefined) ?? sequenceBefore;
  const { key, uid, provider, secretFields } = event;
  return ObjectRecord.of(event.object, { key, uid, position, provider, sequence, secretFields });
}
