import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGraphqlFacade } from '#facade-graphql';
import { outageStatus, refusalToStatus, wantsWebSocket, WebSocketDoor } from '#facade-kube';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { House } from '#workspace';
import { rootHandler, token } from '../root-handler.ts';

export type GraphqlAnswer = {
  readonly code: number;
  readonly text: string;
  readonly data: Readonly<Record<string, never>>;
  readonly errors: readonly GraphqlFault[];
};
export type GraphqlFault = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code: string;
    readonly status: { readonly code: number; readonly reason: string; readonly message: string };
    readonly fields?: readonly { readonly path: readonly string[]; readonly message: string }[];
  };
};

export type RestCall = { readonly body?: object; readonly headers?: Readonly<Record<string, string>> };

/** A mesh over a log in memory, which answers GraphQL and REST for its root workspace. */
export async function startGraphqlServer(stores = { log: new MemoryEventLog(), snapshots: new MemorySnapshotStore() }) {
  const house = new House({
    ...stores,
    soleWriter: true,
    publicUrl: 'https://mesh.test',
    offers: async () => [],
  });
  await openRoot(house);
  const graphql = createGraphqlFacade({ ofRefusal: refusalToStatus, ofFault: outageStatus, hasPage: true });
  const handler = rootHandler(house, { neighbours: { graphql } });
  const door = new WebSocketDoor(handler);
  const server = createServer({ shouldUpgradeCallback: wantsWebSocket }, handler);
  server.on('upgrade', (request, socket, head) => door.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const authorization = `Bearer ${token}`;
  const url = `${origin}/api/clusters/root/graphql`;

  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    house,
    url,
    token,
    authorization,
    post,
    /** Asks, and gives what came back. */
    async ask(query: string, variables?: object): Promise<GraphqlAnswer> {
      const response = await post({ query, ...(variables === undefined ? {} : { variables }) });
      const text = await response.text();
      const { data, errors = [] } = JSON.parse(text) as Pick<GraphqlAnswer, 'data' | 'errors'>;
      return { code: response.status, text, data, errors };
    },
    /** Asks over REST, whatever comes of it. */
    async call(method: string, path: string, { body, headers = {} }: RestCall = {}) {
      const response = await fetch(`${origin}/clusters/root${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { code: response.status, text: await response.text() };
    },
    /** Asks over REST. @throws Error where it is refused */
    async rest(method: string, path: string, body?: object): Promise<Readonly<Record<string, never>>> {
      const response = await fetch(`${origin}/clusters/root${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return JSON.parse(text) as Readonly<Record<string, never>>;
    },
    async stop(): Promise<void> {
      await door.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await house.close();
    },
  };
}
