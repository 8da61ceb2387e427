import type { KubeObject, ServedKind, ServedVersion } from '#kube';
import { attributesOf, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { selectorOf } from './list.ts';

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

export type CategoryArguments = { readonly name: string; readonly namespace?: string | null; readonly labelselector?: string | null };

/** All objects of a category's kinds, as far as whoever asks may list them. */
export async function resourcesOf(
  all: readonly VersionNames[],
  args: CategoryArguments,
  { visit }: Asking,
): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const names of ofCategory(all, args.name)) {
    const { kind, version } = names;
    const namespace = kind.namespaced ? (args.namespace ?? '') : '';
    const selector = selectorOf(names, args);
    if (!kind.verbs.includes('list') || visit.whyNot(attributesOf(kind, 'list', { namespace, name: '' })) !== undefined) continue;
    const listed = await visit.workspace.list({ kind, version: version.name, namespace, ...(selector === undefined ? {} : { selector }) });
    if (listed.type === 'listed') for (const { object } of listed.items) objects.push(object);
  }
  return objects;
}

function ofCategory(all: readonly VersionNames[], category: string): readonly VersionNames[] {
  return all.filter(({ kind, version }) => kind.categories.includes(category) && isPreferred(kind, version));
}

export const isPreferred = (kind: ServedKind, version: ServedVersion): boolean => kind.versions.find(({ served }) => served) === version;

function typeOf({ kind, group, versionField }: VersionNames): CategoryType {
  return { group: group ?? '', version: versionField, kind: kind.kind, scope: kind.namespaced ? 'Namespaced' : 'Cluster' };
}
