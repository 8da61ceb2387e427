import type { AccountEvent } from '#account';
import { groupResource, type KubeObject } from '#kube';
import { encodeHeaders, formatSequence, recordKey, specTopic, type SealedFields, type WireRecord } from '#provider-sdk';

/** An event of one account, and where it stands in the log. */
export type AccountNews = {
  readonly cluster: string;
  readonly id: string;
  /** As it stands in the log: without what is sealed. */
  readonly event: AccountEvent;
  /** What is sealed, for the provider's eyes. */
  readonly sealed?: SealedFields | undefined;
};

/** What an event is to the object's provider: the whole desired object, a tombstone, or nothing (undefined). */
export function specRecord(prefix: string, { cluster, id, event, sealed }: AccountNews): WireRecord | undefined {
  switch (event.type) {
    case 'ResourceDeclared':
    case 'SpecRevised':
    case 'MetadataRevised':
    case 'DeletionRequested':
    case 'ResourceRemoved':
      break;
    // The provider said it itself.
    case 'StatusReported':
    case 'WorkspaceOpened':
    case 'ApiBound':
    case 'ApiUnbound':
    case 'WorkspaceClosing':
    case 'WorkspaceClosed':
      return undefined;
  }
  const { provider, key, object, uid } = event;
  if (!provider) return undefined;
  return {
    topic: specTopic(prefix, provider.export, key.resource),
    key: recordKey({ account: cluster, uid }),
    value: event.type === 'ResourceRemoved' ? null : JSON.stringify(desiredObject(object, sealed)),
    headers: encodeHeaders({
      id,
      source: `/clusters/${cluster}`,
      type: event.type,
      subject: [groupResource(key), key.namespace, key.name].filter((part) => part !== '').join('/'),
      time: event.by.at,
      sequence: formatSequence(BigInt(object.metadata.resourceVersion ?? '0')),
      dataschema: `/clusters/${provider.cluster}/openapi/v3/apis/${object.apiVersion}`,
    }),
  };
}

/** The object without what is the mesh's own business: status, resourceVersion, finalizers, owners, managed fields. */
function desiredObject({ metadata, status: _status, ...rest }: KubeObject, sealed: SealedFields | undefined): object {
  const { name, namespace, uid, generation, labels, annotations, deletionTimestamp } = metadata;
  return { ...rest, metadata: { name, namespace, uid, generation: generation ?? 1, labels, annotations, deletionTimestamp, sealed } };
}

/** Event types that can be a provider's business; what is not in here need not be decoded. */
export const providerNews: ReadonlySet<string> = new Set<AccountEvent['type']>([
  'ResourceDeclared',
  'SpecRevised',
  'MetadataRevised',
  'DeletionRequested',
  'ResourceRemoved',
  'ApiBound',
]);
