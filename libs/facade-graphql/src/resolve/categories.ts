import type { KubeObject } from '#kube';
import { attributesOf, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';

/** A kind as it stands in the schema: the group as its field is called. */
export type CategoryType = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
};

/** The kinds of a category, each in its preferred version. */
export function typesOf(all: readonly VersionNames[], category: string): readonly CategoryType[] {
  return ofCategory(all, category).map(typeOf);
}

export type CategoryResource = CategoryType & { readonly name: string; readonly namespace: string | null; readonly object: KubeObject };

/** All objects of a category's kinds, as far as whoever asks may list them. */
export async function resourcesOf(
  all: readonly VersionNames[],
  { name, namespace }: { readonly name: string; readonly namespace?: string | null },
  { visit }: Asking,
): Promise<readonly CategoryResource[]> {
  const resources: CategoryResource[] = [];
  for (const names of ofCategory(all, name)) {
    const { kind, version } = names;
    const within = kind.namespaced ? (namespace ?? '') : '';
    if (!kind.verbs.includes('list') || visit.whyNot(attributesOf(kind, 'list', { namespace: within, name: '' })) !== undefined) continue;
    const listed = await visit.workspace.list({ kind, version: version.name, namespace: within });
    if (listed.type === 'expired') continue;
    const type = typeOf(names);
    for (const item of listed.items)
      resources.push({ ...type, name: item.name, namespace: item.namespace === '' ? null : item.namespace, object: item.object });
  }
  return resources;
}

function ofCategory(all: readonly VersionNames[], category: string): readonly VersionNames[] {
  return all.filter(({ kind, version }) => kind.categories.includes(category) && kind.versions.find(({ served }) => served) === version);
}

function typeOf({ kind, group, versionField }: VersionNames): CategoryType {
  return { group: group ?? '', version: versionField, kind: kind.kind, scope: kind.namespaced ? 'Namespaced' : 'Cluster' };
}
