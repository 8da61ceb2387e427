import type { IncomingMessage } from 'node:http';
import { authorize, type AccessRules, type Authenticate } from '#access';
import { statusFailure } from '#kube';
import { metricsContentType, metricsText } from '#telemetry';

/** What `/metrics` answers, to those who may read it. It is of no workspace: the rules are those of the root. */
export async function answerMetrics(
  authenticate: Authenticate,
  request: IncomingMessage,
  rulesOfRoot: () => Promise<AccessRules | undefined>,
): Promise<{ readonly code: number; readonly contentType: string; readonly body: string }> {
  const who = authenticate(request.rawHeaders, request.socket.remoteAddress, request.socket);
  if (who.type === 'refused') return failure(who.reason, who.message);
  const may = authorize(who.identity, { verb: 'get', nonResourcePath: '/metrics' }, await rulesOfRoot());
  if (may.type === 'denied') return failure(may.status, may.status === 'Unauthorized' ? 'Unauthorized' : may.message);
  return { code: 200, contentType: metricsContentType, body: await metricsText() };
}

function failure(reason: Parameters<typeof statusFailure>[0], message: string) {
  const status = statusFailure(reason, message);
  return { code: status.code, contentType: 'application/json', body: JSON.stringify(status) };
}

/** The newest rules that could be read: whoever may see metrics needs them most while the log does not answer. */
export function lastKnown(read: () => Promise<AccessRules | undefined>): () => Promise<AccessRules | undefined> {
  let known: AccessRules | undefined;
  return async () => (known = (await read().catch(() => undefined)) ?? known);
}
