import { conditionsOf, statusOf, withConditions, type ObjectRecord } from '#account';
import type { JsonObject, KubeObject } from '#kube';

/** What a namespace that is being deleted says about what is still in it. Types and reasons are Kubernetes'. */
export function remainingStatus(object: KubeObject, left: readonly ObjectRecord[], at: string): JsonObject {
  const status = statusOf(object);
  const resources = counted(left.map(({ key }) => `${key.resource}.${key.group}`));
  const finalizers = counted(left.flatMap((record) => record.object.metadata.finalizers ?? []));
  const conditions = withConditions(
    [],
    [
      {
        type: 'NamespaceDeletionDiscoveryFailure',
        status: 'False',
        reason: 'ResourcesDiscovered',
        message: 'All resources successfully discovered',
      },
      {
        type: 'NamespaceDeletionGroupVersionParsingFailure',
        status: 'False',
        reason: 'ParsedGroupVersions',
        message: 'All legacy kube types successfully parsed',
      },
      {
        type: 'NamespaceDeletionContentFailure',
        status: 'False',
        reason: 'ContentDeleted',
        message: 'All content successfully deleted, may be waiting on finalization',
      },
      {
        type: 'NamespaceContentRemaining',
        status: 'True',
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${resources.map(([name, count]) => `${name} has ${count} resource instances`).join(', ')}`,
      },
      finalizers.length === 0
        ? {
            type: 'NamespaceFinalizersRemaining',
            status: 'False',
            reason: 'ContentHasNoFinalizers',
            message: 'All content-preserving finalizers finished',
          }
        : {
            type: 'NamespaceFinalizersRemaining',
            status: 'True',
            reason: 'SomeFinalizersRemain',
            message: `Some content in the namespace has finalizers remaining: ${finalizers.map(([name, count]) => `${name} in ${count} resource instances`).join(', ')}`,
          },
    ],
    at,
    conditionsOf(status),
  );
  return { ...status, conditions };
}

/** As upstream has it, resources of the core group end in a dot. */
function counted(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
