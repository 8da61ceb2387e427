/** Names one object inside one workspace. `resource` is the lower-case plural; `namespace` is '' where the kind is cluster-scoped. */
export type ResourceKey = {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
};

/** `httpbins.orchestrate.platform-mesh.io`, or `namespaces` in the core group: how messages and CRD names call a resource. */
export function groupResource({ group, resource }: { readonly group: string; readonly resource: string }): string {
  if (group === '') return resource;
  if (group !== last.group || resource !== last.resource) last = { group, resource, joined: `${resource}.${group}` };
  return last.joined;
}

/** What is asked of one resource is asked many times in a row, most often to look something up: a text made anew has to be hashed anew. */
let last = { group: '', resource: '', joined: '' };
