import type { AccessAttributes } from '#access';
import type { JsonObject } from '#kube';
import { failure, type Answer, type Exchange } from '../exchange.ts';
import type { ResourcePath } from '../request-path.ts';
import { readObjectBody } from '../options/object-body.ts';
import { routeKey } from '../routing.ts';
import { aborted } from './outcome.ts';

/** Questions about oneself: answered with 201 and stored nowhere, in every workspace and outside of any. */
export type ReviewKind = {
  readonly group: string;
  readonly version: 'v1';
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly review: Review;
};

type Review = (exchange: Exchange<ResourcePath>, body: JsonObject) => { readonly spec?: JsonObject; readonly status: JsonObject };

export const reviewKinds: readonly ReviewKind[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    kind: 'SelfSubjectReview',
    review: whoAmI,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    kind: 'SelfSubjectAccessReview',
    review: whetherIMay,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    kind: 'SelfSubjectRulesReview',
    review: whatIMay,
  },
];

const byRoute = new Map(reviewKinds.map((kind) => [routeKey(kind.group, kind.version, kind.resource), kind]));

export function reviewOf({ group, version, resource, namespace, name }: ResourcePath): ReviewKind | undefined {
  return namespace === '' && name === '' ? byRoute.get(routeKey(group, version, resource)) : undefined;
}

export async function answerReview(exchange: Exchange<ResourcePath>, kind: ReviewKind): Promise<Answer> {
  const read = await readObjectBody(exchange, kind);
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  const apiVersion = `${kind.group}/${kind.version}`;
  const answered = kind.review(exchange, read.body as JsonObject);
  return { type: 'document', code: 201, document: { kind: kind.kind, apiVersion, metadata: { creationTimestamp: null }, ...answered } };
}

function whoAmI({ identity }: Exchange<ResourcePath>): { readonly status: JsonObject } {
  const { user, uid, groups, extra } = identity;
  const userInfo = { username: user, ...(uid === '' ? {} : { uid }), groups, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  return { status: { userInfo } };
}

/** `allowed` is false without `denied`: no rule grants it, none forbids it. */
function whetherIMay(
  { identity, options }: Exchange<ResourcePath>,
  body: JsonObject,
): { readonly spec: JsonObject; readonly status: JsonObject } {
  const spec = isObject(body['spec']) ? body['spec'] : {};
  const asked = attributesOf(spec);
  if (asked === undefined)
    return { spec, status: { allowed: false, evaluationError: 'neither resourceAttributes nor nonResourceAttributes are given' } };
  const decision = options.authorize(identity, asked);
  return { spec, status: { allowed: decision.type === 'allowed', reason: decision.reason } };
}

function attributesOf(spec: JsonObject): AccessAttributes | undefined {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
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
  return isObject(path) ? { verb: text(path['verb']), nonResourcePath: text(path['path']) } : undefined;
}

/** Found by asking the one evaluator what it would answer. */
function whatIMay(
  { identity, options }: Exchange<ResourcePath>,
  body: JsonObject,
): { readonly spec: JsonObject; readonly status: JsonObject } {
  const spec = isObject(body['spec']) ? body['spec'] : {};
  const may = (attributes: AccessAttributes): boolean => options.authorize(identity, attributes).type === 'allowed';
  const everything = may({ verb: '*', group: '*', resource: '*', namespace: '', name: '' });
  const resourceRules = everything
    ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
    : reviewKinds
        .filter(({ group, resource }) => may({ verb: 'create', group, resource, namespace: '', name: '' }))
        .map(({ group, resource }) => ({ verbs: ['create'], apiGroups: [group], resources: [resource] }));
  const nonResourceRules = everything ? [{ verbs: ['*'], nonResourceURLs: ['*'] }] : publicRules(may);
  return { spec, status: { resourceRules, nonResourceRules, incomplete: false } };
}

const publicPaths = ['/healthz', '/livez', '/readyz', '/version'];

function publicRules(may: (attributes: AccessAttributes) => boolean): JsonObject[] {
  const nonResourceURLs = publicPaths.filter((path) => may({ verb: 'get', nonResourcePath: path }));
  return nonResourceURLs.length === 0 ? [] : [{ verbs: ['get'], nonResourceURLs }];
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
