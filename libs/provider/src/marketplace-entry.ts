import type { KubeObject } from '#kube';

/** A service that one account can enable: what is offered, by whom, and the binding that enables it here already. */
export function marketplaceEntry(
  offer: { readonly apiExport: KubeObject; readonly providerMetadata: KubeObject },
  bindingName: string,
): KubeObject {
  const { apiExport, providerMetadata } = offer;
  return {
    apiVersion: 'marketplace.platform-mesh.io/v1alpha1',
    kind: 'MarketplaceEntry',
    metadata: {
      name: `${apiExport.metadata.name}-${providerMetadata.metadata.name}`,
      uid: `${apiExport.metadata.uid}`,
      creationTimestamp: apiExport.metadata.creationTimestamp ?? null,
    },
    spec: { apiBindingName: bindingName, providerMetadata: published(providerMetadata), apiExport: published(apiExport) },
  };
}

/** What another account may see of a provider's object. */
function published({ apiVersion, kind, metadata, spec }: KubeObject) {
  const { name, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, spec };
}
