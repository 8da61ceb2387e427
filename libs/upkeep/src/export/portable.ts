import { groupResource, type KubeObject, type ObjectMeta, type OwnerReference } from '#kube';

/**
 * Holds the owners of an exported object. As ownerReferences they would name uids of the workspace that they are from, and whoever applied
 * the file elsewhere would see the object collected: its owners are not there.
 */
export const ownersAnnotation = 'tributary.io/owner-references';

/** An owner without its uid, which another workspace gives anew. */
export type PortableOwner = Omit<OwnerReference, 'uid'>;

/** An object as another workspace can create it: without what its server has put in. Finalizers of the mesh go, those of others stay. */
export function portable(object: KubeObject, { withStatus = false }: { readonly withStatus?: boolean } = {}): KubeObject {
  const { apiVersion, kind, metadata, status, ...content } = object;
  return {
    apiVersion,
    kind,
    metadata: portableMeta(metadata),
    ...ownContent(object, content),
    ...(withStatus && status !== undefined ? { status } : {}),
  };
}

/** Who owns an object that is to be imported: as an export says it, or as its own server did. */
export function ownersOf({ metadata: { annotations, ownerReferences = [] } }: KubeObject): readonly PortableOwner[] {
  const text = annotations?.[ownersAnnotation];
  if (text === undefined) return ownerReferences.map(withoutUid);
  try {
    const owners = JSON.parse(text) as unknown;
    return Array.isArray(owners) ? (owners as readonly PortableOwner[]) : [];
  } catch {
    return [];
  }
}

/** What is to be created: an exported object, or one as its own server shows it. Its owners are `ownersOf`. */
export function incoming(object: KubeObject): KubeObject {
  const { metadata, ...content } = portable(object, { withStatus: true });
  const { annotations = {}, ...others } = metadata;
  const { [ownersAnnotation]: _, ...rest } = annotations;
  return { ...content, metadata: { ...others, ...some('annotations', rest) } } as KubeObject;
}

function portableMeta({ name, namespace, labels, annotations = {}, finalizers = [], ownerReferences = [] }: ObjectMeta): ObjectMeta {
  const kept = Object.entries(annotations).filter(([key]) => !meshAnnotations.has(key));
  if (ownerReferences.length > 0) kept.push([ownersAnnotation, JSON.stringify(ownerReferences.map(withoutUid))]);
  const foreign = finalizers.filter((finalizer) => !meshFinalizers.has(finalizer));
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...some('labels', labels ?? {}),
    ...some('annotations', Object.fromEntries(kept)),
    ...(foreign.length > 0 ? { finalizers: foreign } : {}),
  };
}

const withoutUid = ({ uid: _, ...owner }: OwnerReference): PortableOwner => owner;

const some = <Name extends string>(name: Name, map: Readonly<Record<string, string>>) =>
  (Object.keys(map).length === 0 ? {} : { [name]: map }) as { readonly [Key in Name]?: Readonly<Record<string, string>> };

const meshAnnotations: ReadonlySet<string> = new Set(['kcp.io/cluster', 'kcp.io/path']);
const meshFinalizers: ReadonlySet<string> = new Set([
  'tributary.io/provider-release',
  'apis.kcp.io/apibinding-finalizer',
  'core.platform-mesh.io/account-finalizer',
  'customresourcecleanup.apiextensions.k8s.io',
  'foregroundDeletion',
  'orphan',
]);

type Content = Readonly<Record<string, unknown>>;

/** Fields outside of metadata and status that the server sets, too. */
const serverSets: ReadonlyMap<string, (content: Content) => Content> = new Map([
  ['Namespace', ({ spec: _, ...content }: Content) => content],
  [
    'Account.core.platform-mesh.io',
    ({ spec, ...content }: Content) => {
      const { creator: _, ...asked } = (spec ?? {}) as Content;
      return { ...content, spec: asked };
    },
  ],
  // What is gathered from others by their labels.
  [
    'ClusterRole.rbac.authorization.k8s.io',
    ({ rules, ...content }: Content) => (content['aggregationRule'] ? content : { ...content, rules }),
  ],
]);

function ownContent({ apiVersion, kind }: KubeObject, content: Content): Content {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return serverSets.get(groupResource({ group, resource: kind }))?.(content) ?? content;
}
