import { isSealed, type ObjectEvent } from '#account';
import { answererOf, healthOf, readinessOf, type Condition, type HealthWord, type JsonObject, type Turn } from '#kube';
import { JsonText } from '../json-text.ts';
import type { Projection, RowChange } from '../projection.ts';
import { shownObject } from './shown-object.ts';
import { timeOf } from './time-of.ts';
import { WordList } from './words.ts';

/** An object of any kind in any workspace. Times are RFC 3339. */
export type ResourceRow = {
  readonly cluster: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly position: bigint;
  readonly created: string | null;
  readonly deleting: string | null;
  readonly generation: number | null;
  /** The user who declared it. */
  readonly creator: string;
  /** The uids of those whom it depends on. */
  readonly owners: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whose API it is; null for the mesh's own kinds and those that the consumer defined. */
  readonly providerCluster: string | null;
  readonly providerExport: string | null;
  readonly ready: Condition['status'] | null;
  readonly health: HealthWord;
  readonly turn: Turn | null;
  readonly since: string | null;
  readonly reason: string;
  readonly object: JsonObject;
  /** What it is found by, in lower case, with spaces between. */
  readonly words: string;
};

type Key = 'cluster' | 'group' | 'resource' | 'namespace' | 'name';
type WrittenRow = Omit<ResourceRow, 'object'> & { readonly object: JsonText };

/** All objects of all workspaces, but for those that are not meant to last. */
export const resourcesView: Projection<WrittenRow, Key> = {
  table: 'resources',
  key: ['cluster', 'group', 'resource', 'namespace', 'name'],
  concerns: ({ type }) => type !== 'WorkspaceOpened' && type !== 'WorkspaceClosing' && type !== 'ApiUnbound',
  changes({ cluster, position, event }): RowChange<WrittenRow, Key>[] {
    switch (event.type) {
      case 'ResourceDeclared':
        return [{ type: 'put', row: { ...stateOf(cluster, position, event), words: wordsOf(event), creator: event.by.user } }];
      case 'SpecRevised':
      case 'MetadataRevised':
        return [{ type: 'put', row: { ...stateOf(cluster, position, event), words: wordsOf(event) } }];
      case 'StatusReported':
      case 'DeletionRequested':
      case 'ApiBound':
        return [{ type: 'put', row: stateOf(cluster, position, event) }];
      case 'ResourceRemoved':
        return [{ type: 'drop', where: { cluster, ...keyOf(event) } }];
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'ApiUnbound':
        return [];
    }
  },
};

const keyOf = ({ key }: ObjectEvent): Pick<ResourceRow, 'group' | 'resource' | 'namespace' | 'name'> => ({
  group: key.group,
  resource: key.resource,
  namespace: key.namespace,
  name: key.name,
});

/** Everything that any change of an object may change. */
function stateOf(cluster: string, position: bigint, event: ObjectEvent): Omit<WrittenRow, 'creator' | 'words'> {
  const { key, uid, object, provider } = event;
  const { metadata } = object;
  const health = healthOf(object, answererOf(key.group, provider !== undefined));
  return {
    cluster,
    ...keyOf(event),
    kind: object.kind,
    uid,
    resourceVersion: metadata.resourceVersion ?? '',
    position,
    created: timeOf(metadata.creationTimestamp),
    deleting: timeOf(metadata.deletionTimestamp),
    generation: metadata.generation ?? null,
    owners: metadata.ownerReferences?.map((owner) => owner.uid) ?? [],
    labels: metadata.labels ?? {},
    providerCluster: provider?.cluster ?? null,
    providerExport: provider?.export ?? null,
    ready: readinessOf(object),
    health: health.word,
    turn: health.turn,
    since: timeOf(health.since),
    reason: health.reason,
    object: new JsonText(shownObject(object, key)),
  };
}

const wordCharactersMax = 4_000;

function wordsOf({ key, object }: ObjectEvent): string {
  const words = new WordList(wordCharactersMax);
  words.add(key.name);
  words.add(object.kind);
  words.add(key.resource);
  words.addAll(object.metadata.labels);
  if (!isSealed(key)) words.addAll(object.spec);
  return words.toString();
}
