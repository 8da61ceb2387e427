import { statusFailure, type JsonObject, type KubeObject, type StatusCause, type StatusFailure } from '#kube';
import type { BoundObject, ServiceAccountTokens } from '#access';
import { failure, pageNotFound, type Answer, type ResourceExchange } from '../exchange.ts';
import { readObjectBody } from '../options/object-body.ts';
import { readWriteOptions } from '../options/write-options.ts';
import { notFound } from '../refusal-to-status.ts';
import { routeKey, routingIndex } from '../routing.ts';
import { aborted } from './outcome.ts';

const secondsMin = 600;
const secondsMax = 2 ** 32;
const secondsOtherwise = 3600;

/** POST to a ServiceAccount's /token. Source: upstream pkg/registry/core/serviceaccount/storage/token.go. */
export async function answerTokenRequest(exchange: ResourceExchange): Promise<Answer> {
  const { workspace, kind, version, path, options } = exchange;
  const read = await readObjectBody(exchange, { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' });
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  if (options.tokens === undefined) return pageNotFound;
  const written = readWriteOptions(exchange, 'CreateOptions');
  if (written.type === 'invalid') return failure(written.status);
  const { namespace, name } = path;
  const misnamed = metadataFault(read.body, path);
  if (misnamed !== undefined) return failure(misnamed);
  const spec = (read.body.spec ?? {}) as Spec;
  const seconds = spec.expirationSeconds ?? secondsOtherwise;
  const fault = specFault(spec, seconds);
  if (fault !== undefined) return failure(fault);
  const account = await workspace.get({ kind, version: version.name, namespace, name });
  if (account === undefined) return failure(notFound({ group: '', resource: kind.resource, name }));
  const { uid = '' } = read.body.metadata;
  if (uid !== '' && uid !== account.uid) return failure(anotherUid(name, uid, account.uid));
  const bound = spec.boundObjectRef ? await boundObject(exchange, spec.boundObjectRef) : undefined;
  if (bound !== undefined && 'code' in bound) return failure(bound);
  const audiences = audiencesOf(spec, options.tokens, workspace.cluster);
  const order = { cluster: workspace.cluster, namespace, name, uid: account.uid, bound };
  const { token, expiresAt } = options.tokens.issue(order, audiences, seconds);
  const document = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid: account.uid, creationTimestamp: `${new Date().toISOString().slice(0, 19)}Z` },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: expiresAt },
  };
  return { type: 'document', code: 201, document };
}

/** Where the body says whose token it is to be, it must be the one that the path names. */
function metadataFault({ metadata }: KubeObject, path: ResourceExchange['path']): StatusFailure | undefined {
  for (const field of ['name', 'namespace'] as const) {
    const said: unknown = metadata[field] ?? '';
    if (said === '' || said === path[field]) continue;
    const detail = `must match the service account ${field} if specified`;
    const cause: StatusCause = {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(said)}: ${detail}`,
      field: `metadata.${field}`,
    };
    const message = `TokenRequest.authentication.k8s.io ${JSON.stringify(path.name)} is invalid: ${cause.field}: ${cause.message}`;
    return statusFailure('Invalid', message, { name: path.name, group: 'authentication.k8s.io', kind: 'TokenRequest', causes: [cause] });
  }
  return undefined;
}

function anotherUid(name: string, asked: string, uid: string): StatusFailure {
  const why = `the UID in the token request (${asked}) does not match the UID of the service account (${uid})`;
  const message = `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io ${JSON.stringify(name)}: ${why}`;
  return statusFailure('Conflict', message, { name, group: 'authentication.k8s.io', kind: 'TokenRequest' });
}

type Reference = { readonly kind?: string; readonly apiVersion?: string; readonly name?: string; readonly uid?: string };
type Spec = {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number | null;
  readonly boundObjectRef?: Reference | null;
};

const audiencesOf = ({ audiences }: Spec, tokens: ServiceAccountTokens, cluster: string): readonly string[] =>
  audiences && audiences.length > 0 ? audiences : [tokens.issuerOf(cluster)];

function specFault({ audiences, boundObjectRef }: Spec, seconds: unknown): StatusFailure | undefined {
  const isTyped =
    (Number.isSafeInteger(seconds) || typeof seconds === 'bigint') &&
    (!audiences || (Array.isArray(audiences) && audiences.every((audience) => typeof audience === 'string'))) &&
    (!boundObjectRef || (typeof boundObjectRef === 'object' && Object.values(boundObjectRef).every((value) => typeof value === 'string')));
  if (!isTyped)
    return statusFailure(
      'BadRequest',
      'TokenRequest in version "v1" cannot be handled as a TokenRequest: a field of its spec has a wrong type',
    );
  if ((seconds as number) < secondsMin) return invalid(seconds as number, 'may not specify a duration less than 10 minutes');
  if ((seconds as number) > secondsMax) return invalid(seconds as number, 'may not specify a duration larger than 2^32 seconds');
  return undefined;
}

function invalid(seconds: number, detail: string): StatusFailure {
  const cause: StatusCause = {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${seconds}: ${detail}`,
    field: 'spec.expirationSeconds',
  };
  return statusFailure('Invalid', `TokenRequest.authentication.k8s.io "" is invalid: ${cause.field}: ${cause.message}`, {
    group: 'authentication.k8s.io',
    kind: 'TokenRequest',
    causes: [cause],
  });
}

/** Of what upstream binds tokens to, a workspace has Secrets. */
async function boundObject({ workspace, path }: ResourceExchange, reference: Reference): Promise<BoundObject | StatusFailure> {
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference;
  if (apiVersion !== 'v1' || (kind !== 'Secret' && kind !== 'Pod'))
    return statusFailure('BadRequest', `cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  const secrets = routingIndex(workspace.served()).get(routeKey('', 'v1', 'secrets'));
  const found =
    kind === 'Secret' && secrets ? await workspace.get({ kind: secrets.kind, version: 'v1', namespace: path.namespace, name }) : undefined;
  if (found === undefined) return notFound({ group: '', resource: kind === 'Pod' ? 'pods' : 'secrets', name });
  if (uid === '' || uid === found.uid) return { kind: 'Secret', name, uid: found.uid };
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  return statusFailure('Conflict', `Operation cannot be fulfilled on Secret "${name}": ${why}`, { name, kind: 'Secret' });
}

/** TokenReview: whose token it is, as this workspace sees it. */
export function reviewedToken(
  spec: JsonObject,
  { options, workspace }: Pick<ResourceExchange, 'options'> & { readonly workspace: ResourceExchange['workspace'] | undefined },
): JsonObject {
  const token = typeof spec['token'] === 'string' ? spec['token'] : '';
  const wanted = Array.isArray(spec['audiences']) ? spec['audiences'].filter((audience) => typeof audience === 'string') : [];
  const claim = options.tokens?.read(token);
  if (options.tokens !== undefined && claim !== undefined && workspace?.vouchesFor(claim) === true) {
    const own = claim.audiences ?? [options.tokens.issuerOf(claim.cluster)];
    const asked = wanted.length > 0 ? wanted : [options.tokens.issuerOf(claim.cluster)];
    const audiences = asked.filter((audience) => own.includes(audience));
    if (audiences.length === 0) return refused('token audiences do not include any of those that were asked for');
    return { authenticated: true, user: userOf(claim.identity), audiences };
  }
  const known = options.identify?.(token);
  return known === undefined
    ? refused('invalid bearer token')
    : { authenticated: true, user: userOf(known), ...(wanted.length > 0 ? { audiences: wanted } : {}) };
}

const refused = (error: string): JsonObject => ({ user: {}, error });

type Known = ReturnType<NonNullable<ResourceExchange['options']['identify']>>;

function userOf({ user, uid, groups, extra }: NonNullable<Known>): JsonObject {
  return { username: user, ...(uid === '' ? {} : { uid }), groups, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}
