import { conditionsOf, statusOf, type AccountState } from '#account';
import { groupResource, type KubeObject, type ServedKind } from '#kube';
import { marketplaceEntry } from '#provider';
import { clusterNameOf } from './cluster-name.ts';

/** What providers offer: an export and who stands behind it. */
export type Offer = { readonly providerPath: string; readonly apiExport: KubeObject; readonly providerMetadata: KubeObject };

/** What the computed kinds are computed from, beside the account's own state. */
export type ComputedSources = { readonly offers: () => Promise<readonly Offer[]>; readonly publicUrl: string };

/** The objects of a kind that has no events of its own, by name. They have no resourceVersion: whoever keeps them counts. */
export async function computedObjects(kind: ServedKind, state: AccountState, sources: ComputedSources): Promise<readonly KubeObject[]> {
  const objects = await computeOf(kind, state, sources);
  return objects
    .map((object) => stamped(object, state.cluster))
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
}

async function computeOf(kind: ServedKind, state: AccountState, { offers, publicUrl }: ComputedSources): Promise<readonly KubeObject[]> {
  switch (groupResource(kind)) {
    case 'marketplaceentries.marketplace.platform-mesh.io':
      return (await offers()).map((offer) => marketplaceEntry(offer, bindingOf(offer, state)));
    case 'logicalclusters.core.kcp.io':
      return [logicalClusterOf(state, publicUrl)];
    default:
      throw new Error(`nothing computes ${groupResource(kind)}`);
  }
}

function stamped(object: KubeObject, cluster: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'kcp.io/cluster': cluster } } };
}

function bindingOf({ providerPath, apiExport }: Offer, state: AccountState): string {
  const binding = state.list('apibindings.apis.kcp.io').find(({ object }) => {
    const { reference } = object.spec as { readonly reference?: { readonly export?: { readonly path?: string; readonly name?: string } } };
    return reference?.export?.path === providerPath && reference.export.name === apiExport.metadata.name;
  });
  return binding?.name ?? '';
}

/** The Workspace that an Account says is below this one: it changes when the Account does, and is of its version. */
export function workspaceOf(
  account: KubeObject,
  { path: parent, cluster: home }: Pick<AccountState, 'path' | 'cluster'>,
  publicUrl: string,
): KubeObject {
  const { metadata, spec } = account;
  const { name = '', uid = '' } = metadata;
  const cluster = clusterNameOf(uid);
  const path = `${parent}:${name}`;
  const ready = conditionsOf(statusOf(account)).some(({ type, status: word }) => type === 'Ready' && word === 'True');
  return {
    apiVersion: 'tenancy.kcp.io/v1alpha1',
    kind: 'Workspace',
    metadata: {
      name,
      uid,
      resourceVersion: metadata.resourceVersion ?? '',
      creationTimestamp: metadata.creationTimestamp ?? null,
      annotations: { 'kcp.io/path': path, 'kcp.io/cluster': home },
    },
    spec: {
      type: { name: (spec as { type?: string } | undefined)?.type ?? 'account', path: 'root' },
      cluster,
      URL: urlOf(publicUrl, path),
    },
    status: { phase: metadata.deletionTimestamp !== undefined ? 'Terminating' : ready ? 'Ready' : 'Initializing' },
  };
}

function logicalClusterOf(state: AccountState, publicUrl: string): KubeObject {
  const { owner, path, phase } = state;
  return {
    apiVersion: 'core.kcp.io/v1alpha1',
    kind: 'LogicalCluster',
    metadata: { name: 'cluster', uid: `cluster-${state.cluster}`, annotations: { 'kcp.io/path': path } },
    spec: owner
      ? {
          owner: {
            apiVersion: 'core.platform-mesh.io/v1alpha1',
            resource: 'accounts',
            name: owner.name,
            cluster: owner.cluster,
            uid: owner.uid,
          },
        }
      : {},
    status: { URL: urlOf(publicUrl, path), phase: phase === 'open' ? 'Ready' : 'Terminating' },
  };
}

export const urlOf = (publicUrl: string, path: string): string => `${publicUrl}/clusters/${path}`;
