import type { ServedKind, ServedVersion } from '#kube';

type Subresource = readonly [name: string, verbs: readonly string[]];
type Subresources = ReadonlyMap<string, readonly string[]>;

/** The endpoints below an object of a kind, and the verbs that each answers. The router and discovery both read this. */
export function subresourceVerbs(kind: ServedKind, { statusSubresource, scale: scalePaths }: ServedVersion): Subresources {
  if (kind.tokenSubresource === true) return tokenOnly;
  if (scalePaths) return statusSubresource ? statusAndScale : scaleOnly;
  if (kind.finalizeSubresource === true) return statusSubresource ? statusAndFinalize : finalizeOnly;
  return statusSubresource ? statusOnly : none;
}

const status: Subresource = ['status', ['get', 'patch', 'update']];
const finalize: Subresource = ['finalize', ['update']];
const tokenOnly: Subresources = new Map([['token', ['create']]]);
const scale: Subresource = ['scale', ['get', 'patch', 'update']];
const none: Subresources = new Map();
const statusOnly: Subresources = new Map([status]);
const scaleOnly: Subresources = new Map([scale]);
const statusAndScale: Subresources = new Map([status, scale]);
const finalizeOnly: Subresources = new Map([finalize]);
const statusAndFinalize: Subresources = new Map([finalize, status]);
