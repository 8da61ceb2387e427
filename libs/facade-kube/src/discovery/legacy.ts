import { subresourceKind, type GroupEntries, type ResourceEntry } from './resource-entries.ts';

/** Discovery as plain documents. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#unaggregated-discovery */
export function apiVersions(serverAddress: string): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}

export function apiGroupList(groups: readonly GroupEntries[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(({ group }) => group !== '').map(groupOf) };
}

export function apiGroup(groups: readonly GroupEntries[], name: string): object | undefined {
  const group = name === '' ? undefined : groups.find((candidate) => candidate.group === name);
  return group === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
}

/** `/api/v1` and `/apis/<group>/<version>`. */
export function apiResourceList(groups: readonly GroupEntries[], group: string, version: string): object | undefined {
  const entries = groups.find((candidate) => candidate.group === group)?.versions.find((candidate) => candidate.version === version);
  if (entries === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersionOf(group, version),
    resources: entries.resources.flatMap(resourcesOf),
  };
}

function groupOf({ group, versions }: GroupEntries): {
  readonly name: string;
  readonly versions: readonly object[];
  readonly preferredVersion: object | undefined;
} {
  const named = versions.map(({ version }) => ({ groupVersion: groupVersionOf(group, version), version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}

function resourcesOf(entry: ResourceEntry): readonly object[] {
  const { resource, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = entry;
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
  };
  const below = Array.from(entry.subresources, ([name, allowed]) => ({
    name: `${resource}/${name}`,
    singularName: '',
    namespaced,
    ...(subresourceKind(name) ?? { kind }),
    verbs: allowed,
  }));
  return [main, ...below];
}

const groupVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);
