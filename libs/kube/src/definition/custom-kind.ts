import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { compileOnDemand } from '../schema/compile-on-demand.ts';
import type { ConversionWebhook, ServedKind, ServedVersion } from '../served-kind.ts';
import { declaredKind } from './declared-kind.ts';
import type { DefinitionSpec } from './definition.ts';

/** What a definition makes a workspace serve, under the names that it was given. Its schemas are compiled when they are used. */
export function customKind(spec: DefinitionSpec): ServedKind {
  const declared = declaredKind(spec, ({ schema, subresources }) => ({
    schema: compileOnDemand(JSON.stringify(schema?.openAPIV3Schema ?? { type: 'object' })),
    ...(subresources?.scale ? { scale: subresources.scale } : {}),
  }));
  return {
    ...declared,
    ...(declared.versions.length > 1 ? conversionOf(spec, declared.versions) : {}),
    source: { type: 'custom', definition: `${spec.names.plural}.${spec.group}` },
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
