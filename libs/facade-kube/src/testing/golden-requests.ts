import type { KubeServer, Reply, Sent } from './kube-server.ts';

export const json = { 'content-type': 'application/json' };

/** As the requests of the recorded answers had it. */
export const widget = (name: string, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec: {},
  ...more,
});

/** The server is started only when the suite runs. */
export const requestsTo = (server: () => KubeServer) => {
  const send = (path: string, sent?: Sent): Promise<Reply> => server().send(path, sent);
  const post = (path: string, body: unknown, headers: Record<string, string> = json): Promise<Reply> =>
    send(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { send, post };
};

/** What a refusal says, without what differs from answer to answer. */
export const statusOf = ({ json: { status, reason, message, details } }: Reply) =>
  JSON.parse(JSON.stringify({ status, reason, message, details })) as unknown;
