import { parseJson } from '#json';
import type { Identity } from '#access';
import type { InFlight } from '../in-flight/in-flight.ts';

/** What happened with one request, as one line of an audit log. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export function auditEvent(inFlight: InFlight): object {
  const { request, path, auditId, audit, sender, actingAs } = inFlight;
  const { level, remoteAddress } = audit;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: auditId,
    stage: 'ResponseComplete',
    requestURI: withoutSecrets(request.url ?? ''),
    verb: path.type === 'refused' ? (request.method ?? '').toLowerCase() : path.verb,
    user: sender === undefined ? {} : userOf(sender),
    ...(actingAs === undefined ? {} : { impersonatedUser: userOf(actingAs) }),
    ...(remoteAddress === undefined ? {} : { sourceIPs: [remoteAddress.replace(/^::ffff:/, '')] }),
    ...(request.headers['user-agent'] === undefined ? {} : { userAgent: request.headers['user-agent'] }),
    ...objectRef(inFlight),
    responseStatus: responseStatus(inFlight),
    ...bodies(inFlight),
    requestReceivedTimestamp: microTime(performance.timeOrigin + inFlight.beganMs),
    stageTimestamp: microTime(performance.timeOrigin + performance.now()),
    annotations: { ...decision(inFlight), ...audit.annotations },
  };
}

function userOf({ user, uid, groups, extra }: Identity): object {
  return {
    username: user,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** What is created has its name in the body. Upstream leaves out what is empty. */
function objectRef({ path, audit }: InFlight): object {
  if (path.type !== 'resource') return {};
  const { resource, namespace, group, version, subresource } = path;
  const name = path.name === '' ? (nameIn(audit.requestObject) ?? '') : path.name;
  const all = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return { objectRef: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) };
}

function nameIn(object: unknown): string | undefined {
  const name = (object as { readonly metadata?: { readonly name?: unknown } } | undefined)?.metadata?.name;
  return typeof name === 'string' ? name : undefined;
}

function responseStatus({ response, failure }: InFlight): object {
  if (failure === undefined) return { metadata: {}, code: response.statusCode };
  const { status, message, reason, code } = failure;
  return { metadata: {}, status, message, ...(reason === undefined ? {} : { reason }), code };
}

function bodies({ audit }: InFlight): object {
  const { level, requestObject, responseText } = audit;
  if (level !== 'Request' && level !== 'RequestResponse') return {};
  const request = requestObject === undefined ? {} : { requestObject };
  if (level === 'Request' || responseText === undefined) return request;
  return { ...request, responseObject: parseJson(responseText) };
}

function decision({ sender, failure, audit }: InFlight): Readonly<Record<string, string>> {
  if (sender === undefined || failure?.code === 401 || failure?.code === 429) return {};
  const verdict = audit.reason === undefined ? 'forbid' : 'allow';
  return { 'authorization.k8s.io/decision': verdict, 'authorization.k8s.io/reason': audit.reason ?? failure?.message ?? '' };
}

/** Nobody should put a secret into a URL; who does should not find it in a log. */
export function withoutSecrets(url: string): string {
  return url.replace(/([?&][^=&]*(?:token|secret|password|authorization)[^=&]*=)[^&]*/gi, '$1(hidden)');
}

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
