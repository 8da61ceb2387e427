import type { KubeObject, ServedKind } from '#kube';
import type { Selector, StoredObject, Workspace } from '../workspaces.ts';
import { shown } from './verb-context.ts';

export type ReadVerbs = Pick<Workspace, 'get' | 'list' | 'watch'>;

/** What is read of one kind, shown as another: in the same places, at the same positions. `show` must say the same of the same object. */
export function readView(
  verbs: ReadVerbs,
  of: { readonly kind: ServedKind; readonly version: string },
  show: (object: KubeObject) => KubeObject,
): ReadVerbs {
  const viewed = (object: StoredObject): StoredObject => shown(object, show(object.object));
  return {
    get: async (request) => {
      const found = await verbs.get({ ...request, ...of });
      return found && viewed(found);
    },
    list: async (request) => {
      const listed = await verbs.list({ ...request, ...of, ...seenBy(request.selector, show) });
      return listed.type === 'listed' ? { ...listed, items: listed.items.map(viewed) } : listed;
    },
    watch: async (request, sink) => {
      const watching = await verbs.watch(
        { ...request, ...of, ...seenBy(request.selector, show) },
        {
          events: (batch) => sink.events(batch.map((event) => ({ ...event, object: viewed(event.object) }))),
          ended: (failure) => sink.ended(failure),
        },
      );
      return watching.type === 'watching' && watching.initial ? { ...watching, initial: watching.initial.map(viewed) } : watching;
    },
  };
}

/** A selector reads what the view shows. */
function seenBy(selector: Selector | undefined, show: (object: KubeObject) => KubeObject): { readonly selector?: Selector } {
  if (!selector) return {};
  return {
    selector({ namespace, name, object }) {
      let made: KubeObject | undefined;
      const seen = (): KubeObject => (made ??= show(object));
      return selector({
        namespace,
        name,
        get labels() {
          return seen().metadata.labels ?? {};
        },
        get object() {
          return seen();
        },
      });
    },
  };
}
