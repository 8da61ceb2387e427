import type { ServedKind, ServedVersion } from '#kube';

export type Route = { readonly kind: ServedKind; readonly version: ServedVersion };

/** What a workspace serves, found by one look-up. Made once per list of kinds, which workspaces that serve the same share. */
export type RoutingIndex = ReadonlyMap<string, Route>;

export function routingIndex(served: readonly ServedKind[]): RoutingIndex {
  const known = indexOf.get(served);
  if (known !== undefined) return known;
  const index = new Map<string, Route>();
  for (const kind of served) for (const [key, route] of routesOf(kind)) index.set(key, route);
  indexOf.set(served, index);
  return index;
}

export const routeKey = (group: string, version: string, resource: string): string => `${group}/${version}/${resource}`;

const indexOf = new WeakMap<readonly ServedKind[], RoutingIndex>();

const routesByKind = new WeakMap<ServedKind, readonly (readonly [string, Route])[]>();

/** A definition that is changed changes the list of kinds, and leaves all kinds but one as they are. */
function routesOf(kind: ServedKind): readonly (readonly [string, Route])[] {
  let routes = routesByKind.get(kind);
  if (routes === undefined) {
    const { group, resource, versions } = kind;
    routes = versions
      .filter(({ served }) => served)
      .map((version) => [routeKey(group, version.name, resource), { kind, version }] as const);
    routesByKind.set(kind, routes);
  }
  return routes;
}
