import { rulesFor, type AccessAttributes, type Identity } from '#access';
import { invalidMessage, statusFailure, type JsonObject, type StatusCause, type StatusFailure } from '#kube';
import { failure, type Answer, type Exchange } from '../exchange.ts';
import type { ResourcePath } from '../request-path.ts';
import { readObjectBody } from '../options/object-body.ts';
import { routeKey } from '../routing.ts';
import { reviewedToken } from './token-request.ts';
import { aborted } from './outcome.ts';
import { selectorCauses } from './review-selectors.ts';

/** Questions about rights: answered with 201 and stored nowhere. Those about oneself may be asked in every workspace and outside of any. */
export type ReviewKind = {
  readonly group: string;
  readonly version: 'v1';
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly review: Review;
};

type Reviewed = { readonly spec?: JsonObject; readonly status: JsonObject } | StatusFailure;
type Review = (exchange: Exchange<ResourcePath>, body: JsonObject) => Reviewed;

export const reviewKinds: readonly ReviewKind[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    kind: 'SelfSubjectReview',
    namespaced: false,
    review: whoAmI,
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'tokenreviews',
    singular: 'tokenreview',
    kind: 'TokenReview',
    namespaced: false,
    review: whoseToken,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
    review: whetherIMay,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
    review: whatIMay,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'subjectaccessreviews',
    singular: 'subjectaccessreview',
    kind: 'SubjectAccessReview',
    namespaced: false,
    review: whetherTheyMay,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'localsubjectaccessreviews',
    singular: 'localsubjectaccessreview',
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
    review: whetherTheyMayHere,
  },
];

const byRoute = new Map(reviewKinds.map((kind) => [routeKey(kind.group, kind.version, kind.resource), kind]));

export function reviewOf({ group, version, resource, namespace, name }: ResourcePath): ReviewKind | undefined {
  if (name !== '') return undefined;
  const kind = byRoute.get(routeKey(group, version, resource));
  return kind?.namespaced === (namespace !== '') ? kind : undefined;
}

export async function answerReview(exchange: Exchange<ResourcePath>, kind: ReviewKind): Promise<Answer> {
  const read = await readObjectBody(exchange, kind);
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  const apiVersion = `${kind.group}/${kind.version}`;
  const answered = kind.review(exchange, read.body as JsonObject);
  if ('code' in answered) return failure(answered);
  return { type: 'document', code: 201, document: { kind: kind.kind, apiVersion, metadata: { creationTimestamp: null }, ...answered } };
}

function whoAmI({ identity }: Exchange<ResourcePath>): { readonly status: JsonObject } {
  const { user, uid, groups, extra } = identity;
  const userInfo = { username: user, ...(uid === '' ? {} : { uid }), groups, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  return { status: { userInfo } };
}

function whoseToken(exchange: Exchange<ResourcePath>, body: JsonObject): Reviewed {
  const spec = specOf(body);
  if (text(spec['token']) === '') return statusFailure('BadRequest', 'token is required for TokenReview in authentication');
  return { spec, status: reviewedToken(spec, exchange) };
}

function whetherIMay(exchange: Exchange<ResourcePath>, body: JsonObject): Reviewed {
  const spec = specOf(body);
  return invalid('SelfSubjectAccessReview', subjectCauses(spec)) ?? { spec, status: decided(exchange, exchange.identity, spec) };
}

/** Groups are those that are named, and no others. */
function whetherTheyMay(exchange: Exchange<ResourcePath>, body: JsonObject): Reviewed {
  const spec = specOf(body);
  const groups = Array.isArray(spec['groups']) ? spec['groups'].filter((group) => typeof group === 'string') : [];
  const user = text(spec['user']);
  const nobody = user === '' && groups.length === 0 ? [cause('user', '""', 'at least one of user or group must be specified')] : [];
  return (
    invalid('SubjectAccessReview', [...subjectCauses(spec), ...nobody]) ?? {
      spec,
      status: decided(exchange, { user, groups, uid: text(spec['uid']), extra: {} }, spec),
    }
  );
}

/** Source: upstream pkg/apis/authorization/validation. */
function subjectCauses({ resourceAttributes: resource, nonResourceAttributes: path }: JsonObject): readonly StatusCause[] {
  if (isObject(resource) !== isObject(path)) return isObject(resource) ? selectorCauses(resource) : [];
  if (isObject(path))
    return [cause('nonResourceAttributes', JSON.stringify(path), 'cannot be specified in combination with resourceAttributes')];
  return [cause('resourceAttributes', 'null', 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
}

const cause = (field: string, value: string, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field: `spec.${field}`,
  message: `Invalid value: ${value}: ${detail}`,
});

function invalid(kind: string, causes: readonly StatusCause[]): StatusFailure | undefined {
  if (causes.length === 0) return undefined;
  const group = 'authorization.k8s.io';
  return statusFailure('Invalid', invalidMessage(kind, group, '', causes), { group, kind, causes });
}

function whetherTheyMayHere(exchange: Exchange<ResourcePath>, body: JsonObject): Reviewed {
  const { namespace } = exchange.path;
  const { resourceAttributes } = specOf(body);
  if (!isObject(resourceAttributes) || text(resourceAttributes['namespace']) !== namespace)
    return statusFailure('BadRequest', `spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  return whetherTheyMay(exchange, body);
}

/** `allowed` is false without `denied`: no rule grants it, none forbids it. */
function decided({ options, workspace }: Exchange<ResourcePath>, identity: Identity, spec: JsonObject): JsonObject {
  const decision = options.authorize(identity, attributesOf(spec), workspace?.access());
  return decision.type === 'allowed'
    ? { allowed: true, ...(decision.reason === '' ? {} : { reason: decision.reason }) }
    : { allowed: false };
}

function attributesOf({ resourceAttributes: resource, nonResourceAttributes: path }: JsonObject): AccessAttributes {
  if (isObject(resource)) {
    const subresource = text(resource['subresource']);
    const asked = {
      verb: text(resource['verb']),
      group: text(resource['group']),
      resource: text(resource['resource']),
      namespace: text(resource['namespace']),
      name: text(resource['name']),
    };
    return subresource === '' ? asked : { ...asked, subresource };
  }
  const { verb, path: nonResourcePath } = isObject(path) ? path : {};
  return { verb: text(verb), nonResourcePath: text(nonResourcePath) };
}

function whatIMay({ identity, workspace }: Exchange<ResourcePath>, body: JsonObject): Reviewed {
  const spec = specOf(body);
  const rules = rulesFor(identity, text(spec['namespace']), workspace?.access());
  const resourceRules = rules
    .filter(({ resources }) => resources !== undefined && resources.length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames === undefined ? {} : { resourceNames }),
    }));
  const nonResourceRules = rules
    .filter(({ nonResourceURLs }) => nonResourceURLs !== undefined && nonResourceURLs.length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  return { spec, status: { resourceRules, nonResourceRules, incomplete: false } as JsonObject };
}

const specOf = (body: JsonObject): JsonObject => (isObject(body['spec']) ? body['spec'] : {});
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
