import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { negotiateAccept, secretFieldsOf, statusFailure, type StatusFailure } from '#kube';
import { hop } from '#telemetry';
import { answerDiscovery } from './answers/discovery.ts';
import { rootPaths, workspacePaths } from './answers/paths.ts';
import { answerHealth } from './answers/health.ts';
import { answerOpenApi } from './answers/open-api.ts';
import { answerTokenRequest } from './answers/token-request.ts';
import { answerReview, reviewOf } from './answers/reviews.ts';
import { answerIssuer } from './answers/issuer.ts';
import { answerScale, versionAsScale } from './answers/scale.ts';
import { nameMissing } from './answers/update.ts';
import {
  failure,
  pageNotFound,
  type Answer,
  type AuditLog,
  type Exchange,
  type KubeHandlerOptions,
  type ResourceExchange,
} from './exchange.ts';
import { workspaceUnknown } from './failures.ts';
import { admit } from './gate.ts';
import { observeRequest } from './http/observe.ts';
import { isPretty, jsonHeaders, prettyText, sendBytes, sendFailure, sendText, yamlHeaders } from './http/send.ts';
import { outageStatus } from './outage-status.ts';
import { notFound } from './refusal-to-status.ts';
import { asYaml, objectText, viewFault, viewOf } from './representation.ts';
import { auditEvent } from './audit/audit-event.ts';
import { auditLevelOf, shallow } from './audit/audit-level.ts';
import { InFlight, type Audited } from './in-flight/in-flight.ts';
import { defaultLimits, Turnstile } from './in-flight/turnstile.ts';
import { strangerOf, visitOf } from './visit.ts';
import { readRequestTimeout } from './options/request-timeout.ts';
import { parseRequestPath, type BarePath, type RequestPath, type ResourcePath } from './request-path.ts';
import { resourceRoutes } from './routes.ts';
import { subresourceVerbs } from './subresources.ts';
import { withOfferedToken } from './websocket/subprotocols.ts';
import type { Upgrade } from './websocket/upgrade.ts';
import { routeKey, routingIndex } from './routing.ts';

export type KubeHandler = (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => void;

/** Answers the requests that `ownsPath` claims, on node's own request and response: nothing may have touched the URL before. */
export function createKubeHandler(options: KubeHandlerOptions): KubeHandler {
  const turnstile = new Turnstile({ limits: { ...defaultLimits, ...options.limits }, onOverdue: showOut });
  return (request, response, upgrade) => {
    const path = parseRequestPath(request.method ?? '', request.url ?? '');
    const auditId = auditIdOf(request);
    const inFlight = new InFlight({ request, response, path, auditId, ...auditedBy(options.audit, request, path) });
    options.drain?.arrived(inFlight);
    response.once('close', () => {
      turnstile.leave(inFlight);
      options.drain?.left(inFlight);
      observeRequest(inFlight);
      if (inFlight.audit.level !== 'None') options.audit?.write(JSON.stringify(auditEvent(inFlight)));
    });
    serve({ request, response, options, auditId, inFlight, turnstile, upgrade }).catch((error: unknown) => {
      options.logger?.error({ err: error, auditId, verb: path.type === 'refused' ? '' : path.verb, path: path.path }, 'a request failed');
      if (response.headersSent) response.destroy();
      else sendFailure({ request, response, auditId, inFlight }, outageStatus(error));
    });
  };
}

/** Its time is up. What it has ordered may happen nevertheless. */
function showOut(inFlight: InFlight): void {
  const { request, response, auditId } = inFlight;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // Some of the body may still be on its way.
  response.shouldKeepAlive = false;
  sendFailure(
    { request, response, auditId, inFlight },
    statusFailure('Timeout', 'Timeout: request did not complete within the allotted timeout'),
  );
}

/** Whether, and how much of it, the audit log wants to know. */
function auditedBy(log: AuditLog | undefined, { socket }: IncomingMessage, path: RequestPath): { readonly audit?: Audited } {
  if (log === undefined) return none;
  return { audit: { level: auditLevelOf(path, log.level), remoteAddress: socket.remoteAddress } };
}

const none = {};

type Arrived = Pick<Exchange, 'request' | 'response' | 'options' | 'auditId' | 'inFlight' | 'upgrade'> & { readonly turnstile: Turnstile };

async function serve({ turnstile, ...arrived }: Arrived): Promise<void> {
  const { request, options, inFlight, upgrade } = arrived;
  const { path } = inFlight;
  const timeout = readRequestTimeout(path);
  if (timeout.type === 'invalid') return sendFailure(arrived, timeout.status);
  inFlight.timeoutMs = timeout.ms;
  const offered = request.headers['sec-websocket-protocol'];
  const rawHeaders = upgrade === undefined ? request.rawHeaders : withOfferedToken(request.rawHeaders, offered);
  const admission = await admit(options, { inFlight, rawHeaders, turnstile });
  const neighbour = path.type === 'path' && path.neighbour !== undefined ? options.neighbours?.[path.neighbour] : undefined;
  if (admission.type === 'turnedAway' && admission.status.code === 401) {
    if (upgrade && neighbour?.open) return neighbour.open(strangerOf({ ...arrived, upgrade, turnstile }));
    const greeting = neighbour?.greet?.(request);
    if (greeting !== undefined) return sendText(arrived, greeting);
  }
  if (admission.identity !== inFlight.sender) inFlight.actingAs = admission.identity;
  if (admission.type === 'turnedAway') return sendFailure(arrived, admission.status);
  const { identity, impersonator, workspace, mayStill, untilMs, credential, whyNotCreate, reason } = admission;
  if (inFlight.audit.level !== 'None') inFlight.audit.reason = reason;
  const admitted = { ...arrived, identity, impersonator, workspace, mayStill, untilMs, credential, whyNotCreate };
  if (path.type === 'refused') return send({ ...admitted, path: refusedPath }, pageNotFound);
  if (neighbour !== undefined) {
    if (workspace === undefined) return sendFailure(arrived, workspaceUnknown(inFlight.workspace));
    return neighbour.answer(visitOf({ ...arrived, identity, impersonator, workspace, mayStill, untilMs, credential }));
  }
  if (path.type === 'path') {
    const exchange = { ...admitted, path };
    return send(exchange, await answerPath(exchange));
  }
  return serveResource({ ...admitted, path });
}

const refusedPath: BarePath = { type: 'path', verb: 'get', workspace: undefined, path: '', segments: [], query: new URLSearchParams() };

async function answerPath(exchange: Exchange<BarePath>): Promise<Answer> {
  const { path, options, workspace } = exchange;
  const [root = ''] = path.segments;
  if (path.verb !== 'get') return failure(methodNotAllowed);
  // Of all workspaces alike, so that these do not tell whether there is this one.
  if (root === 'version' && path.segments.length === 1) return { type: 'document', code: 200, document: options.version };
  if (root === 'livez' || root === 'readyz' || root === 'healthz') return answerHealth(exchange) ?? pageNotFound;
  if (path.neighbour !== undefined) return pageNotFound;
  if (path.workspace === undefined) return path.segments.length === 0 ? { type: 'document', code: 200, document: rootPaths } : pageNotFound;
  if (workspace === undefined) return failure(workspaceUnknown(path.workspace));
  if (path.segments.length === 0) return { type: 'document', code: 200, document: workspacePaths(workspace.served()) };
  if (root === 'openid' || root === '.well-known') return answerIssuer(exchange, workspace.cluster) ?? pageNotFound;
  if (root === 'api' || root === 'apis') return answerDiscovery(exchange, workspace.served()) ?? pageNotFound;
  return (root === 'openapi' ? await answerOpenApi(exchange, workspace.served()) : undefined) ?? pageNotFound;
}

async function serveResource(exchange: Exchange<ResourcePath>): Promise<void> {
  const { path, workspace, request } = exchange;
  const review = reviewOf(path);
  if (review !== undefined)
    return send(exchange, path.verb === 'create' ? await answerReview(exchange, review) : failure(methodNotAllowed));
  if (workspace === undefined)
    return send(exchange, path.workspace === undefined ? pageNotFound : failure(workspaceUnknown(path.workspace)));
  const route = routingIndex(workspace.served()).get(routeKey(path.group, path.version, path.resource));
  if (route === undefined || !fitsScope(path, route.kind.namespaced)) return send(exchange, pageNotFound);
  const { audit } = exchange.inFlight;
  if (audit.level !== 'None' && secretFieldsOf(route.kind).length > 0) audit.level = shallow(audit.level);
  const negotiation = negotiateAccept(request.headers.accept, 'object');
  if (negotiation.type === 'notAcceptable') return send(exchange, failure(statusFailure('NotAcceptable', negotiation.message)));
  const found: ResourceExchange = {
    ...exchange,
    workspace,
    kind: route.kind,
    version: path.subresource === 'scale' && route.version.scale ? versionAsScale(route.version) : route.version,
    representation: negotiation.representation,
  };
  return send(found, await answerResource(found));
}

/** A namespaced kind is reached through its namespace, except to list or watch it in all of them; a cluster-scoped one never is. */
function fitsScope({ namespace, name, verb }: ResourcePath, isNamespaced: boolean): boolean {
  if (!isNamespaced) return namespace === '';
  return namespace !== '' || (name === '' && (verb === 'list' || verb === 'watch'));
}

function answerResource(exchange: ResourceExchange): Promise<Answer> | Answer {
  const { kind, version, path, workspace } = exchange;
  const route = resourceRoutes.get(path.verb);
  if (path.name === '' && path.verb === 'update') return failure(nameMissing);
  if (path.subresource !== '') {
    const verbs = subresourceVerbs(kind, version).get(path.subresource);
    if (verbs === undefined)
      return kind.compiledIn === true ? pageNotFound : failure(notFound({ group: kind.group, resource: kind.resource, name: path.name }));
    if (!verbs.includes(path.verb)) return failure(methodNotAllowed);
    if (path.subresource === 'token') return answerTokenRequest(exchange);
  }
  if (route === undefined || !(kind.verbs as readonly string[]).includes(path.verb)) return failure(methodNotAllowed);
  const fault = viewFault(exchange);
  if (fault !== undefined) return failure(fault);
  return hop(route.file, { workspace: workspace.cluster, resource: kind.resource, name: path.name, auditId: exchange.auditId }, () =>
    path.subresource === 'scale' ? answerScale(exchange, route.answer) : route.answer(exchange),
  );
}

function send(exchange: Exchange | ResourceExchange, answer: Answer): void {
  switch (answer.type) {
    case 'failure':
      return sendFailure(exchange, answer.status, [...(answer.warnings ?? []), ...deprecationOf(exchange)]);
    case 'document': {
      const text = `${JSON.stringify(answer.document)}\n`;
      return sendText(exchange, {
        code: answer.code,
        text: isPretty(exchange) ? prettyText(text) : text,
        headers: jsonHeaders,
        ...warningsOf(answer),
      });
    }
    case 'text':
      return sendText(exchange, answer);
    case 'bytes':
      return sendBytes(exchange, answer);
    case 'object':
      return sendObject(exchange as ResourceExchange, answer);
    case 'streamed':
      return;
  }
}

const warningsOf = ({ warnings }: { readonly warnings?: readonly string[] }): { readonly warnings?: readonly string[] } =>
  warnings === undefined ? {} : { warnings };

function sendObject(exchange: ResourceExchange, { code, object, warnings }: Extract<Answer, { type: 'object' }>): void {
  const view = viewOf(exchange);
  const text = objectText(object, view);
  const all = exchange.version.deprecationWarning === undefined ? warnings : [...warnings, ...deprecationOf(exchange)];
  if (view.isYaml) return sendText(exchange, { code, text: asYaml(text), headers: yamlHeaders, warnings: all });
  if (isPretty(exchange)) return sendText(exchange, { code, text: prettyText(text), headers: jsonHeaders, warnings: all });
  // Counted before the line's end is put to it: so the text is copied once, with the head of the answer.
  const bytes = Buffer.byteLength(text) + 1;
  return sendText(exchange, { code, text: `${text}\n`, bytes, headers: jsonHeaders, warnings: all });
}

function deprecationOf(exchange: Exchange | ResourceExchange): readonly string[] {
  return 'version' in exchange && exchange.version.deprecationWarning !== undefined ? [exchange.version.deprecationWarning] : [];
}

/** The client's own id, so that its log and ours can be laid side by side, unless it could break a header or a log line. */
function auditIdOf({ headers }: IncomingMessage): string {
  const asked = headers['audit-id'];
  return typeof asked === 'string' && /^[\w.:-]{1,128}$/.test(asked) ? asked : randomUUID();
}

const methodNotAllowed: StatusFailure = statusFailure(
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
);
