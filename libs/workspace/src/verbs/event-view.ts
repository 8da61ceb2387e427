import type { Refusal } from '#account';
import { coreEvents, events, inCoreGroup, inEventsGroup } from '../kinds/event-kinds.ts';
import type { DeleteOutcome, StoredObject, Workspace, WriteOutcome } from '../workspaces.ts';
import { readView } from './read-view.ts';
import { shown } from './verb-context.ts';

export type Verbs = Pick<Workspace, 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete'>;

const core = { kind: coreEvents, version: 'v1' } as const;

/** The verbs on Events of events.k8s.io, by those on the Events of the core group: what is written to one is read from the other. */
export function eventView(verbs: Verbs): Verbs {
  return {
    create: async (request) => viewedWrite(await verbs.create({ ...request, ...core, body: inCoreGroup(request.body) })),
    update: async (request) => viewedWrite(await verbs.update({ ...request, ...core, body: inCoreGroup(request.body) })),
    patch: async (request) =>
      viewedWrite(await verbs.patch({ ...request, ...core, shape: { kind: events, show: inEventsGroup, keep: inCoreGroup } })),
    delete: async (request) => viewedDelete(await verbs.delete({ ...request, ...core })),
    ...readView(verbs, core, inEventsGroup),
  };
}

const viewed = (object: StoredObject): StoredObject => shown(object, inEventsGroup(object.object));

const viewedWrite = (outcome: WriteOutcome): WriteOutcome =>
  outcome.type === 'committed' ? { ...outcome, object: viewed(outcome.object) } : { ...outcome, refusal: viewedRefusal(outcome.refusal) };

const viewedDelete = (outcome: DeleteOutcome): DeleteOutcome =>
  outcome.type === 'refused' ? { ...outcome, refusal: viewedRefusal(outcome.refusal) } : { ...outcome, object: viewed(outcome.object) };

function viewedRefusal(refusal: Refusal): Refusal {
  if ('key' in refusal) return { ...refusal, key: { ...refusal.key, group: events.group } };
  return 'group' in refusal ? { ...refusal, group: events.group } : refusal;
}
