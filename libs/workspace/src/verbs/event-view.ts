import { contradictionOf, misappliedTo, type Refusal } from '#account';
import { coreEvents, events, inCoreGroup, inEventsGroup, pathInEventsGroup } from '../kinds/event-kinds.ts';
import type { DeleteOutcome, StoredObject, Workspace, WriteOutcome } from '../workspaces.ts';
import { readView } from './read-view.ts';
import { shown, versionOf } from './verb-context.ts';

export type Verbs = Pick<Workspace, 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete'>;

const core = { kind: coreEvents, version: 'v1' } as const;
const written = { ...core, askedAs: events } as const;
const version = versionOf(events, 'v1');

/** The verbs on Events of events.k8s.io, by those on the Events of the core group: what is written to one is read from the other. */
export function eventView(verbs: Verbs): Verbs {
  return {
    async create(request) {
      const { namespace, body } = request;
      const contradiction = contradictionOf({ kind: events, version, namespace, body });
      return contradiction !== undefined
        ? malformed(contradiction)
        : viewedWrite(await verbs.create({ ...request, ...written, body: inCoreGroup(body) }));
    },
    async update(request) {
      const { namespace, name, body } = request;
      const contradiction = contradictionOf({ kind: events, version, namespace, name, body });
      return contradiction !== undefined
        ? malformed(contradiction)
        : viewedWrite(await verbs.update({ ...request, ...written, body: inCoreGroup(body) }));
    },
    async patch(request) {
      const { patch, name } = request;
      if (patch.type !== 'apply') {
        const shape = { kind: events, show: inEventsGroup, keep: inCoreGroup };
        return viewedWrite(await verbs.patch({ ...request, ...written, shape }));
      }
      const contradiction = misappliedTo({ kind: events, version, name, config: patch.config });
      const applied = { ...patch, config: inCoreGroup(patch.config) };
      return contradiction !== undefined
        ? malformed(contradiction)
        : viewedWrite(await verbs.patch({ ...request, ...written, patch: applied }));
    },
    delete: async (request) => viewedDelete(await verbs.delete({ ...request, ...written })),
    ...readView(verbs, core, inEventsGroup),
  };
}

const malformed = (message: string): WriteOutcome => ({ type: 'refused', refusal: { type: 'RequestMalformed', message }, warnings: [] });

const viewed = (object: StoredObject): StoredObject => shown(object, inEventsGroup(object.object));

const viewedWrite = (outcome: WriteOutcome): WriteOutcome =>
  outcome.type === 'committed' ? { ...outcome, object: viewed(outcome.object) } : { ...outcome, refusal: viewedRefusal(outcome.refusal) };

const viewedDelete = (outcome: DeleteOutcome): DeleteOutcome =>
  outcome.type === 'refused' ? { ...outcome, refusal: viewedRefusal(outcome.refusal) } : { ...outcome, object: viewed(outcome.object) };

function viewedRefusal(refusal: Refusal): Refusal {
  if (refusal.type === 'FieldsContested') {
    const causes = refusal.causes.map((cause) => ({ ...cause, field: pathInEventsGroup(cause.field) }));
    return { ...refusal, message: refusal.message.replaceAll(/(?<=: |- )\.[a-zA-Z]+/g, pathInEventsGroup), causes };
  }
  if ('key' in refusal) return { ...refusal, key: { ...refusal.key, group: events.group } };
  return 'group' in refusal ? { ...refusal, group: events.group } : refusal;
}
