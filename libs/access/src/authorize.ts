import { anonymous, authenticatedGroup, type Identity, mastersGroup } from './identity.ts';

/** What is asked for, in the terms of Kubernetes authorization. `group` and `namespace` are '' for the core group and the cluster scope. */
export type AccessAttributes =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly verb: string; readonly nonResourcePath: string };

export type Authorization =
  | { readonly type: 'allowed'; readonly reason: string }
  /**
   * `status` is Unauthorized for whoever sent no credentials: they should send some. `message` is upstream's sentence for a Status,
   * `reason` is what a review answers.
   */
  | { readonly type: 'denied'; readonly status: 'Unauthorized' | 'Forbidden'; readonly message: string; readonly reason: string };

/** The one evaluator: requests and access reviews ask the same function, so that they agree. */
export function authorize(identity: Identity, attributes: AccessAttributes): Authorization {
  if (identity.groups.includes(mastersGroup)) return { type: 'allowed', reason: `group ${mastersGroup} may do everything` };
  if (isPublic(attributes)) return { type: 'allowed', reason: 'open to everyone' };
  if (identity.groups.includes(authenticatedGroup) && isSelfReview(attributes)) return { type: 'allowed', reason: 'a review of oneself' };
  return {
    type: 'denied',
    status: identity.user === anonymous.user ? 'Unauthorized' : 'Forbidden',
    message: forbiddenMessage(identity, attributes),
    reason: 'no rule grants it',
  };
}

function isPublic(attributes: AccessAttributes): boolean {
  return (
    'nonResourcePath' in attributes &&
    attributes.verb === 'get' &&
    /^\/(version\/?|(livez|readyz|healthz)(\/.*)?)$/.test(attributes.nonResourcePath)
  );
}

const selfReviews = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
]);

function isSelfReview(attributes: AccessAttributes): boolean {
  return 'resource' in attributes && attributes.verb === 'create' && selfReviews.has(`${attributes.group}/${attributes.resource}`);
}

/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/errors.go, and NewForbidden around it. */
function forbiddenMessage({ user }: Identity, attributes: AccessAttributes): string {
  const who = `User ${JSON.stringify(user)} cannot ${attributes.verb}`;
  if ('nonResourcePath' in attributes) return `forbidden: ${who} path ${JSON.stringify(attributes.nonResourcePath)}`;
  const { group, resource, subresource, namespace, name } = attributes;
  const what = group === '' ? resource : `${resource}.${group}`;
  const asked = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${what}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${who} resource ${JSON.stringify(asked)} in API group ${JSON.stringify(group)} ${where}`;
}
