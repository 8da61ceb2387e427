import type { ServedKind, ServedVersion } from '#kube';

export type Route = { readonly kind: ServedKind; readonly version: ServedVersion };

/** What a workspace serves, found by one look-up. Made once per list of kinds, which workspaces that serve the same share. */
export type RoutingIndex = ReadonlyMap<string, Route>;

export function routingIndex(served: readonly ServedKind[]): RoutingIndex {
  const known = indexOf.get(served);
  if (known !== undefined) return known;
  const index = new Map<string, Route>();
  for (const kind of served)
    for (const version of kind.versions)
      if (version.served) index.set(routeKey(kind.group, version.name, kind.resource), { kind, version });
  indexOf.set(served, index);
  return index;
}

export const routeKey = (group: string, version: string, resource: string): string => `${group}/${version}/${resource}`;

const indexOf = new WeakMap<readonly ServedKind[], RoutingIndex>();
