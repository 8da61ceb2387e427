import type { ServedKind, ServedVersion } from '#kube';

type Subresource = readonly [name: string, verbs: readonly string[]];
type Subresources = ReadonlyMap<string, readonly string[]>;

/** The endpoints below an object of a kind, and the verbs that each answers. The router and discovery both read this. */
export function subresourceVerbs(kind: ServedKind, { statusSubresource }: ServedVersion): Subresources {
  if (kind.finalizeSubresource === true) return statusSubresource ? statusAndFinalize : finalizeOnly;
  return statusSubresource ? statusOnly : none;
}

const status: Subresource = ['status', ['get', 'patch', 'update']];
const finalize: Subresource = ['finalize', ['update']];
const none: Subresources = new Map();
const statusOnly: Subresources = new Map([status]);
const finalizeOnly: Subresources = new Map([finalize]);
const statusAndFinalize: Subresources = new Map([finalize, status]);
