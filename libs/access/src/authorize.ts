import type { AccessAttributes } from './access-attributes.ts';
import { anonymous, authenticatedGroup, type Identity, mastersGroup } from './identity.ts';
import type { PolicyRule } from './rbac/rbac-objects.ts';
import type { AccessRules } from './rbac/access-rules.ts';
import { isServiceAccount } from './tokens/service-account-tokens.ts';
import { ruleAllows } from './rbac/rule-allows.ts';

export type Authorization =
  /** `reason` is '' for those who may do everything, as upstream has it. */
  | { readonly type: 'allowed'; readonly reason: string }
  /**
   * `status` is Unauthorized for whoever sent no credentials: they should send some. `message` is upstream's sentence for a Status. A
   * review gives no reason: nobody forbids it, there is only no rule that grants it.
   */
  | { readonly type: 'denied'; readonly status: 'Unauthorized' | 'Forbidden'; readonly message: string };

/**
 * The one evaluator of all facades: requests, access reviews and watches that are open ask this function, so that they agree.
 * `rules` are those of the workspace that is asked about; undefined outside of any, and where there is none.
 */
export function authorize(identity: Identity, asked: AccessAttributes, rules?: AccessRules): Authorization {
  const reason = reasonFor(identity, asked, rules);
  if (reason !== undefined) return { type: 'allowed', reason };
  return {
    type: 'denied',
    status: identity.user === anonymous.user ? 'Unauthorized' : 'Forbidden',
    message: forbiddenMessage(identity, asked),
  };
}

function reasonFor(identity: Identity, asked: AccessAttributes, rules: AccessRules | undefined): string | undefined {
  if (identity.groups.includes(mastersGroup)) return '';
  if (isPublic(asked)) return 'open to everyone';
  if (isUnknown(identity)) return undefined;
  if (identity.groups.includes(authenticatedGroup) && isSelfReview(asked)) return 'a review of oneself';
  return rules?.grants(identity, asked) ?? (isDiscovery(asked) && isAdmitted(identity, rules) ? 'open to whoever may enter' : undefined);
}

/** What `authorize` allows, as rules: for reviews that list them. */
export function rulesFor(identity: Identity, namespace: string, rules: AccessRules | undefined): readonly PolicyRule[] {
  if (identity.groups.includes(mastersGroup)) {
    return [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
  }
  if (isUnknown(identity)) return publicRules;
  const own = identity.groups.includes(authenticatedGroup) ? selfReviewRules : [];
  const entered = rules && isAdmitted(identity, rules) ? [...discoveryRules, ...rules.rulesFor(identity, namespace)] : [];
  return [...own, ...publicRules, ...entered];
}

/** Whether the identity may know of the workspace whose rules these are. */
export function mayEnter(identity: Identity, rules: AccessRules | undefined): boolean {
  return identity.groups.includes(mastersGroup) || (!isUnknown(identity) && isAdmitted(identity, rules));
}

/** ServiceAccounts are at home: no other workspace's can be taken for one. */
function isAdmitted(identity: Identity, rules: AccessRules | undefined): boolean {
  return rules !== undefined && (isServiceAccount(identity) || rules.admits(identity));
}

/** No binding reaches whoever has not said who they are, and no workspace is loaded for them. */
const isUnknown = ({ user }: Identity): boolean => user === anonymous.user;

const publicRules: readonly PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
];
const discoveryRules: readonly PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'] },
  { verbs: ['get'], nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'] },
];

function isPublic(asked: AccessAttributes): boolean {
  return 'nonResourcePath' in asked && asked.verb === 'get' && /^\/(version\/?|(livez|readyz|healthz)(\/.*)?)$/.test(asked.nonResourcePath);
}

function isDiscovery(asked: AccessAttributes): boolean {
  return (
    'nonResourcePath' in asked &&
    asked.verb === 'get' &&
    /^\/((apis?|openapi)(\/.*)?|openid\/v1\/jwks|\.well-known\/openid-configuration)$/.test(asked.nonResourcePath)
  );
}

const selfReviewRules: readonly PolicyRule[] = [
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
];

const isSelfReview = (asked: AccessAttributes): boolean => selfReviewRules.some((rule) => ruleAllows(rule, asked));

/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/errors.go, and NewForbidden around it. */
function forbiddenMessage({ user }: Identity, asked: AccessAttributes): string {
  const who = `User ${JSON.stringify(user)} cannot ${asked.verb}`;
  if ('nonResourcePath' in asked) return `forbidden: ${who} path ${JSON.stringify(asked.nonResourcePath)}`;
  const { group, resource, subresource, namespace, name } = asked;
  const what = group === '' ? resource : `${resource}.${group}`;
  const target = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${what}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${who} resource ${JSON.stringify(target)} in API group ${JSON.stringify(group)} ${where}`;
}
