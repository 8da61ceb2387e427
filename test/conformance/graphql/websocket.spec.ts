import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { untilTrue } from '../../servers/tributary-until.ts';
import { startGraphqlServer } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const configMaps = '/api/v1/namespaces/default/configmaps';
const clients: Client[] = [];

beforeAll(async () => void (server = await startGraphqlServer()));
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => server?.stop());

function aClient(options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: server.authorization },
    retryAttempts: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

/** What a client is told, until it is stopped. */
function told(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const results: unknown[] = [];
  let ended: unknown;
  const stop = client.subscribe(
    { query, variables },
    { next: (result) => void results.push(result), error: (failure) => (ended = failure), complete: () => (ended ??= 'complete') },
  );
  return { results, stop, ended: () => ended };
}

const map = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { of: name } }, data });
const ownHeaders = (authorization: string) =>
  class extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers: { authorization } });
    }
  };

describe('over a WebSocket', () => {
  it('a subscription tells what is there and what happens, and ends when it is stopped', async () => {
    await server.rest('POST', configMaps, map('one', { key: 'a' }));
    const client = aClient();
    const { results, stop, ended } = told(
      client,
      'subscription($of: String) { v1_configmaps(labelselector: $of) { type object { metadata { name } data } } }',
      { of: 'of=one' },
    );
    await untilTrue('it is there', () => results.length === 1);
    await server.rest('PUT', `${configMaps}/one`, map('one', { key: 'b' }));
    await untilTrue('it has changed', () => results.length === 2);
    expect(results).toEqual([
      { data: { v1_configmaps: { type: 'ADDED', object: { metadata: { name: 'one' }, data: { key: 'a' } } } } },
      { data: { v1_configmaps: { type: 'MODIFIED', object: { metadata: { name: 'one' }, data: { key: 'b' } } } } },
    ]);
    stop();
    await untilTrue('it has ended', () => ended() === 'complete');
  });

  it('many operations go over one connection', async () => {
    const client = aClient();
    const follows = Array.from({ length: 20 }, (_, index) =>
      told(client, `subscription { v1_configmaps(labelselector: "of=many-${index}") { type object { metadata { name } } } }`),
    );
    const query = told(client, '{ v1 { Namespace(name: "default") { kind } } }');
    const mutation = told(
      client,
      'mutation($object: V1ConfigMap_Input!) { v1 { createConfigMap(namespace: "default", object: $object) { kind } } }',
      {
        object: { metadata: { name: 'many-7', labels: { of: 'many-7' } } },
      },
    );
    await untilTrue('it is told', () => follows[7]?.results.length === 1);
    expect(query.results).toEqual([{ data: { v1: { Namespace: { kind: 'Namespace' } } } }]);
    expect(mutation.results).toEqual([{ data: { v1: { createConfigMap: { kind: 'ConfigMap' } } } }]);
    expect(follows.filter(({ results }) => results.length > 0)).toHaveLength(1);
  });

  it('the token may come with the request, too', async () => {
    const client = aClient({ connectionParams: {}, webSocketImpl: ownHeaders(server.authorization) });
    const { results } = told(client, '{ v1 { Namespace(name: "default") { kind } } }');
    await untilTrue('it is answered', () => results.length === 1);
  });

  it.each([
    ['no token', {}, 4401],
    ['a wrong token', { Authorization: 'Bearer wrong' }, 4401],
  ])('whoever shows %s is shown out', async (_, connectionParams, code) => {
    const { ended, results } = told(aClient({ connectionParams }), '{ v1 { Namespace(name: "default") { kind } } }');
    await untilTrue('it has ended', () => ended() !== undefined);
    expect(ended()).toMatchObject({ code });
    expect(results).toEqual([]);
  });

  it('what does not fit the schema is an error of its operation alone', async () => {
    const client = aClient();
    const faulty = told(client, 'subscription { v1_nothings { type } }');
    await untilTrue('it is refused', () => faulty.ended() !== undefined);
    const query = told(client, '{ v1 { Namespace(name: "default") { kind } } }');
    await untilTrue('the next is answered', () => query.results.length === 1);
  });

  it.each([['{'], ['[]'], ['{"type":"nothing"}'], [`{"type":"connection_init","payload":${'['.repeat(300)}${']'.repeat(300)}}`]])(
    'what is no message (%s) ends the connection',
    async (message) => {
      const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', {
        headers: { authorization: server.authorization },
      });
      let code = 0;
      socket.on('open', () => socket.send(message));
      socket.on('close', (closed) => (code = closed));
      await untilTrue('it is closed', () => code !== 0);
      expect(code).toBe(4400);
    },
  );

  it('another protocol is not spoken', async () => {
    const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-ws', { headers: { authorization: server.authorization } });
    let code = 0;
    socket.on('close', (closed) => (code = closed));
    await untilTrue('it is closed', () => code !== 0);
    expect(code).toBe(4406);
  });
});
