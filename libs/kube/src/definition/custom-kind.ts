import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { compileOnDemand } from '../schema/compile-on-demand.ts';
import type { ConversionWebhook, KubeVerb, ServedKind, ServedVersion } from '../served-kind.ts';
import { byVersionPriority } from '../version-priority.ts';
import { storageVersionName, type DefinitionSpec, type DefinitionVersion } from './definition.ts';

const verbs: readonly KubeVerb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What a definition makes a workspace serve, under the names that it was given. Its schemas are compiled when they are used. */
export function customKind(spec: DefinitionSpec): ServedKind {
  const { group, names, scope } = spec;
  const versions = [...spec.versions].sort((a, b) => byVersionPriority(a.name, b.name)).map((version) => customVersion(spec, version));
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
    verbs,
    versions,
    storageVersion: storageVersionName(spec),
    unconditionalUpdate: false,
    hasGeneration: true,
    ...(versions.length > 1 ? conversionOf(spec, versions) : {}),
    source: { type: 'custom', definition: `${names.plural}.${group}` },
  };
}

function customVersion(spec: DefinitionSpec, version: DefinitionVersion): ServedVersion {
  const { name, served, schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version;
  return {
    name,
    served,
    schema: compileOnDemand(JSON.stringify(schema?.openAPIV3Schema ?? { type: 'object' })),
    statusSubresource: subresources?.status !== undefined,
    ...(subresources?.scale ? { scale: subresources.scale } : {}),
    columns: additionalPrinterColumns,
    selectableFields: selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    ...(version.deprecated
      ? { deprecationWarning: version.deprecationWarning ?? `${spec.group}/${name} ${spec.names.kind} is deprecated` }
      : {}),
  };
}

function conversionOf({ group, conversion }: DefinitionSpec, versions: readonly ServedVersion[]): Pick<ServedKind, 'convert' | 'webhook'> {
  if (conversion?.strategy !== 'Webhook') return { convert: relabelled(group, versions) };
  const { clientConfig = {}, conversionReviewVersions = [] } = conversion.webhook ?? {};
  const { url, caBundle } = clientConfig;
  const reviewVersion = conversionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1') ?? 'v1';
  const webhook: ConversionWebhook = {
    url,
    caBundle: caBundle ? Buffer.from(caBundle, 'base64').toString('utf8') : undefined,
    reviewVersion: reviewVersion as ConversionWebhook['reviewVersion'],
  };
  const convert = (): never => {
    throw new Error('objects of this kind are converted by a webhook');
  };
  return { webhook, convert };
}

/** Without a webhook only apiVersion changes, and what the other version does not know goes. */
export function relabelled(group: string, versions: readonly ServedVersion[]): (object: KubeObject, toVersion: string) => KubeObject {
  return (object, toVersion) => {
    const relabelledObject = { ...object, apiVersion: `${group}/${toVersion}` };
    const version = versions.find(({ name }) => name === toVersion);
    return version ? (version.schema.prune(relabelledObject as unknown as JsonObject).object as unknown as KubeObject) : relabelledObject;
  };
}

/** An object as its stored version has it by now: without what its schema no longer knows, with what it has come to default. */
export function refreshed(kind: ServedKind, object: KubeObject): KubeObject {
  if (kind.source.type !== 'custom') return object;
  const { apiVersion } = object;
  const version = kind.versions.find(({ name }) => apiVersion === `${kind.group}/${name}`);
  if (!version) return object;
  const { schema } = version;
  return schema.default(schema.prune(object as unknown as JsonObject).object) as unknown as KubeObject;
}
