import type { ServedKind, ServedVersion } from '#kube';

type Subresource = readonly [name: string, verbs: readonly string[]];
type Subresources = ReadonlyMap<string, readonly string[]>;

/** The endpoints below an object of a kind, and the verbs that each answers. The router and discovery both read this. */
export function subresourceVerbs(kind: ServedKind, { statusSubresource }: ServedVersion): Subresources {
  if (kind.tokenSubresource === true) return tokenOnly;
  if (kind.finalizeSubresource === true) return statusSubresource ? statusAndFinalize : finalizeOnly;
  return statusSubresource ? statusOnly : none;
}

const status: Subresource = ['status', ['get', 'patch', 'update']];
const finalize: Subresource = ['finalize', ['update']];
const tokenOnly: Subresources = new Map([['token', ['create']]]);
const none: Subresources = new Map();
const statusOnly: Subresources = new Map([status]);
const finalizeOnly: Subresources = new Map([finalize]);
const statusAndFinalize: Subresources = new Map([finalize, status]);

/** The kind that an endpoint below an object takes and answers, where it is another than the object's. */
export const subresourceKinds: ReadonlyMap<string, { readonly group: string; readonly version: string; readonly kind: string }> = new Map([
  ['token', { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }],
]);
