import type { AccessAttributes, AuthenticationRefusal, Authorization, Identity } from '#access';
import { statusFailure, type StatusFailure } from '#kube';
import type { KubeHandlerOptions } from './exchange.ts';
import { detailsOf } from './refusal-to-status.ts';
import type { RequestPath } from './request-path.ts';

export type Admission =
  { readonly type: 'admitted'; readonly identity: Identity } | { readonly type: 'turnedAway'; readonly status: StatusFailure };

/**
 * Who asks, and whether they may. Decided before anything is looked up: whoever may not enter a workspace
 * gets the same words in the same time whether it exists or not.
 */
export function admit(options: Pick<KubeHandlerOptions, 'authenticate' | 'authorize'>, request: Asking, path: RequestPath): Admission {
  const authentication = options.authenticate(request.rawHeaders, request.remoteAddress);
  if (authentication.type === 'refused') return { type: 'turnedAway', status: refusedStatus(authentication) };
  const { identity } = authentication;
  const attributes = attributesOf(path, request.method);
  const decision = options.authorize(identity, attributes);
  return decision.type === 'allowed' ? { type: 'admitted', identity } : { type: 'turnedAway', status: deniedStatus(decision, attributes) };
}

export type Asking = { readonly method: string; readonly rawHeaders: readonly string[]; readonly remoteAddress: string | undefined };

function refusedStatus({ reason, message, retryAfterSeconds }: AuthenticationRefusal): StatusFailure {
  return statusFailure(reason, message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });
}

function deniedStatus({ status, message }: Extract<Authorization, { type: 'denied' }>, attributes: AccessAttributes): StatusFailure {
  if (status === 'Unauthorized') return statusFailure('Unauthorized', 'Unauthorized');
  return statusFailure('Forbidden', message, 'nonResourcePath' in attributes ? {} : detailsOf(attributes));
}

function attributesOf(path: RequestPath, method: string): AccessAttributes {
  switch (path.type) {
    case 'refused':
      return { verb: method.toLowerCase(), nonResourcePath: path.path };
    case 'path':
      return { verb: path.verb, nonResourcePath: path.path };
    case 'resource': {
      const { verb, group, resource, subresource, name } = path;
      // A Namespace is in itself, as far as rights are concerned.
      const namespace = path.namespace === '' && group === '' && resource === 'namespaces' ? name : path.namespace;
      const attributes = { verb, group, resource, namespace, name: name === '' ? (path.selectedName ?? '') : name };
      return subresource === '' ? attributes : { ...attributes, subresource };
    }
  }
}
