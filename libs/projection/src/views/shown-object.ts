import { isSealed } from '#account';
import type { JsonObject, KubeObject, ResourceKey } from '#kube';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object as views keep it: without the bookkeeping of who wrote what, without kubectl's copy, and without any secret. */
export function shownObject(object: KubeObject, key: ResourceKey): JsonObject {
  const { metadata, ...content } = object;
  const { managedFields: _, annotations, ...rest } = metadata;
  const kept = annotations && withoutCopy(annotations);
  const shown = { ...content, metadata: kept ? { ...rest, annotations: kept } : rest } as unknown as JsonObject;
  return isSealed(key) ? { ...shown, ...sealedContent(object) } : shown;
}

function withoutCopy(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  if (!Object.hasOwn(annotations, lastApplied)) return annotations;
  const { [lastApplied]: _, ...kept } = annotations;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Of a Secret only the names of its keys are shown. They stand in its owners' entries where the contents are sealed. */
function sealedContent({ data, metadata }: KubeObject): JsonObject {
  const names = new Set(Object.keys((data as object | undefined) ?? {}));
  for (const { fieldsV1 } of metadata.managedFields ?? []) {
    const owned = (fieldsV1 as { readonly 'f:data'?: object } | undefined)?.['f:data'] ?? {};
    for (const field of Object.keys(owned)) if (field.startsWith('f:')) names.add(field.slice(2));
  }
  return { data: Object.fromEntries([...names].sort().map((name) => [name, null])), stringData: undefined };
}
