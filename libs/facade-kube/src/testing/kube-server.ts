import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorize, createAuthenticate, createTokenTable, mastersGroup, type Credential } from '#access';
import { gnosticV2, openApiV2, openApiV3 } from '#kube';
import { createKubeHandler } from '../kube-handler.ts';
import { kubeVersion } from '../answers/version.ts';
import type { AuditLog, ReadinessCheck } from '../exchange.ts';
import { wantsWebSocket, WebSocketDoor } from '../websocket/websocket-door.ts';
import type { Limits } from '../in-flight/turnstile.ts';
import { MemoryWorkspaces } from './memory-workspace.ts';

export type Reply = {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
};
export type Sent = { readonly method?: string; readonly headers?: Record<string, string | string[]>; readonly body?: string | Buffer };

export const prefix = '/clusters/root:acme';
export const widgetsPath = `${prefix}/apis/example.com/v1/namespaces/default/widgets`;

export type KubeServer = Awaited<ReturnType<typeof startKubeServer>>;

/** A server on a free port with one workspace in memory; the administrator's token is `admin`, another user's `ann`. */
export async function startKubeServer(limits: Partial<Limits> = {}, audit?: AuditLog) {
  const workspaces = new MemoryWorkspaces();
  const checks: ReadinessCheck[] = [{ name: 'log', healthy: true, required: true }];
  const tokens = createTokenTable([
    { token: 'admin-token-of-this-spec', user: 'admin', uid: 'u-1', groups: [mastersGroup] },
    { token: 'ann-token-of-this-spec', user: 'ann', uid: '', groups: ['team'] },
  ]);
  const credentials: { untilMs?: number; credential?: Credential } = {};
  const authenticate = createAuthenticate(tokens);
  const handler = createKubeHandler({
    workspaces,
    authenticate(...asked) {
      const who = authenticate(...asked);
      return who.type === 'identified' ? { ...who, ...credentials } : who;
    },
    authorize,
    limits,
    ...(audit === undefined ? {} : { audit }),
    version: kubeVersion({ release: '0.1.0' }),
    readiness: { checks: () => checks },
    serverAddress: '127.0.0.1:6443',
    openApi: { v3: openApiV3, v2: openApiV2, v2Protobuf: gnosticV2 },
  });
  const door = new WebSocketDoor(handler);
  const server = createServer({ shouldUpgradeCallback: wantsWebSocket }, handler);
  server.on('upgrade', (request, socket, head) => door.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    await door.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    workspaces,
    checks,
    /** What tokens say from now on of their end. */
    credentials,
    port,
    stop,
    open: (path: string, sent?: Sent) => open(port, path, sent),
    send: (path: string, sent?: Sent) => send(port, path, sent),
  };
}

/** Sends the path as it is: node's client neither normalises nor encodes it. */
export async function open(port: number, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<IncomingMessage> {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { authorization: 'Bearer admin-token-of-this-spec', ...lengthOf(body), ...headers },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function send(port: number, path: string, sent?: Sent): Promise<Reply> {
  const response = await open(port, path, sent);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson =
    response.headers['content-type']?.startsWith('application/json') === true &&
    response.headers['content-encoding'] === undefined &&
    text !== '';
  return { code: response.statusCode ?? 0, headers: response.headers, text, json: (isJson ? JSON.parse(text) : {}) as Reply['json'] };
}

/** Node's client sends no length of its own with a DELETE. */
function lengthOf(body: Sent['body']): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}
