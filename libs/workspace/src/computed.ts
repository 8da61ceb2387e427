import { conditionsOf, statusOf, type AccountState, type ObjectRecord } from '#account';
import { groupResource, type KubeObject, type ServedKind } from '#kube';
import { marketplaceEntry } from '#provider';
import { clusterNameOf } from './accounts.ts';

/** What providers offer: an export and who stands behind it. */
export type Offer = { readonly providerPath: string; readonly apiExport: KubeObject; readonly providerMetadata: KubeObject };

/** What the computed kinds are computed from, beside the account's own state. */
export type ComputedSources = { readonly offers: () => Promise<readonly Offer[]>; readonly publicUrl: string };

/** The objects of a kind that has no events of its own. */
export async function computedObjects(kind: ServedKind, state: AccountState, sources: ComputedSources): Promise<readonly KubeObject[]> {
  const objects = await computeOf(kind, state, sources);
  return objects.map((object) => stamped(object, state)).sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
}

async function computeOf(kind: ServedKind, state: AccountState, { offers, publicUrl }: ComputedSources): Promise<readonly KubeObject[]> {
  switch (groupResource(kind)) {
    case 'marketplaceentries.marketplace.platform-mesh.io':
      return (await offers()).map((offer) => marketplaceEntry(offer, bindingOf(offer, state)));
    case 'workspaces.tenancy.kcp.io':
      return state.list('accounts.core.platform-mesh.io').map((account) => workspaceOf(account, state, publicUrl));
    case 'logicalclusters.core.kcp.io':
      return [logicalClusterOf(state, publicUrl)];
    default:
      throw new Error(`nothing computes ${groupResource(kind)}`);
  }
}

/** A computed object has the workspace's present version: it changes when the workspace does. */
function stamped(object: KubeObject, { revision, cluster }: AccountState): KubeObject {
  const annotations = { ...object.metadata.annotations, 'kcp.io/cluster': cluster };
  return { ...object, metadata: { ...object.metadata, annotations, resourceVersion: String(revision + 1n) } };
}

function bindingOf({ providerPath, apiExport }: Offer, state: AccountState): string {
  const binding = state.list('apibindings.apis.kcp.io').find(({ object }) => {
    const { reference } = object.spec as { readonly reference?: { readonly export?: { readonly path?: string; readonly name?: string } } };
    return reference?.export?.path === providerPath && reference.export.name === apiExport.metadata.name;
  });
  return binding?.name ?? '';
}

function workspaceOf(account: ObjectRecord, state: AccountState, publicUrl: string): KubeObject {
  const { metadata, spec } = account.object;
  const cluster = clusterNameOf(account.uid);
  const path = `${state.path}:${account.name}`;
  const ready = conditionsOf(statusOf(account.object)).some(({ type, status: word }) => type === 'Ready' && word === 'True');
  return {
    apiVersion: 'tenancy.kcp.io/v1alpha1',
    kind: 'Workspace',
    metadata: {
      name: account.name,
      uid: account.uid,
      creationTimestamp: metadata.creationTimestamp ?? null,
      annotations: { 'kcp.io/path': path },
    },
    spec: {
      type: { name: (spec as { type?: string } | undefined)?.type ?? 'account', path: 'root' },
      cluster,
      URL: urlOf(publicUrl, path),
    },
    status: { phase: account.deleting ? 'Terminating' : ready ? 'Ready' : 'Initializing' },
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
