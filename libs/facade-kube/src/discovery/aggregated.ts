import { subresourceKind, type GroupEntries, type ResourceEntry, type VersionEntries } from './resource-entries.ts';

/** Everything in one document. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
export function apiGroupDiscoveryList(groups: readonly GroupEntries[], version: string): object {
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items: groups.map(groupOf) };
}

function groupOf({ group, versions }: GroupEntries): object {
  return { metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null }, versions: versions.map(versionOf) };
}

function versionOf({ version, resources }: VersionEntries): object {
  return { version, resources: resources.map(resourceOf), freshness: 'Current' };
}

function resourceOf(entry: ResourceEntry): object {
  const { group, version, resource, singular, kind, namespaced, verbs, shortNames, categories, subresources } = entry;
  const responseKind = { group, version, kind };
  return {
    resource,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.size > 0
      ? {
          subresources: Array.from(subresources, ([subresource, allowed]) => ({
            subresource,
            responseKind: subresourceKind(subresource) ?? responseKind,
            verbs: allowed,
          })),
        }
      : {}),
  };
}
