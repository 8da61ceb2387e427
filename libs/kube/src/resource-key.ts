/** Names one object inside one workspace. `resource` is the lower-case plural; `namespace` is '' where the kind is cluster-scoped. */
export type ResourceKey = {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
};

/** `httpbins.orchestrate.platform-mesh.io`, or `namespaces` in the core group: how messages and CRD names call a resource. */
export function groupResource({ group, resource }: { readonly group: string; readonly resource: string }): string {
  return group === '' ? resource : `${resource}.${group}`;
}
