import type { KubeVerb, ServedKind, ServedVersion } from '../served-kind.ts';
import { byVersionPriority } from '../version-priority.ts';
import { storageVersionName, type DefinitionSpec, type DefinitionVersion } from './definition.ts';

export const allVerbs: readonly KubeVerb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** A version as whoever declares a kind writes it, be it a consumer in a definition or a provider in an APIResourceSchema: all but its schema. */
export type DeclaredVersion = Omit<DefinitionVersion, 'schema'>;
type Declaration<Version> = Pick<DefinitionSpec, 'group' | 'names' | 'scope'> & { readonly versions: readonly Version[] };

/** What is served because of such a declaration, under the names that it was given, but for how its versions are converted. */
export function declaredKind<Version extends DeclaredVersion>(
  declaration: Declaration<Version>,
  partsOf: (version: Version) => Pick<ServedVersion, 'schema' | 'scale'>,
): Omit<ServedKind, 'source'> {
  const { group, names, scope } = declaration;
  return {
    group,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    nameRule: 'dns1123subdomain',
    verbs: allVerbs,
    versions: [...declaration.versions]
      .sort((a, b) => byVersionPriority(a.name, b.name))
      .map((version) => declaredVersion(`${group}/${version.name} ${names.kind}`, version, partsOf(version))),
    storageVersion: storageVersionName(declaration),
    unconditionalUpdate: false,
    hasGeneration: true,
  };
}

function declaredVersion(title: string, version: DeclaredVersion, parts: Pick<ServedVersion, 'schema' | 'scale'>): ServedVersion {
  const { name, served, subresources, additionalPrinterColumns = [], selectableFields = [] } = version;
  return {
    name,
    served,
    ...parts,
    statusSubresource: subresources?.status !== undefined,
    columns: additionalPrinterColumns,
    selectableFields: selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    ...(version.deprecated ? { deprecationWarning: version.deprecationWarning ?? `${title} is deprecated` } : {}),
  };
}
