import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readKubeconfig, startTributary, type TributaryServer } from '../../../servers/tributary.ts';
import { untilTrue } from '../../../servers/tributary-until.ts';
import { resuming, type Subscribe } from './resuming.ts';
import { startSameOrigin } from './same-origin.ts';

// What happens while a client has no connection is neither lost nor told twice, whether the connection was cut or the server was away.

let server: TributaryServer;
let origin: Awaited<ReturnType<typeof startSameOrigin>>;
let token: string;

beforeAll(async () => {
  server = await startTributary({ flags: ['--no-demo'] });
  const access = await readKubeconfig(server.kubeconfig);
  if (!access) throw new Error('the server wrote no kubeconfig');
  ({ token } = access);
  origin = await startSameOrigin(access, {});
});
afterAll(async () => {
  await origin?.stop();
  await server?.remove();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));

const path = '/api/clusters/root:orgs/graphql';
const query = `subscription($of: String, $from: String) {
  v1_configmaps(namespace: "default", labelselector: $of, resourceVersion: $from) { type resourceVersion object { metadata { name } data } }
}`;
type Told = {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string }; readonly data: { readonly n: string } };
};
type Client = { readonly subscribe: Subscribe; dispose(): unknown };

const soon = { retryAttempts: 1_000, retryWait: () => new Promise<void>((resolve) => setTimeout(resolve, 50)) };
const clients: Readonly<Record<string, () => Client>> = {
  'graphql-sse': () => createSse({ url: `${origin.origin}${path}`, headers: { authorization: `Bearer ${token}` }, ...soon }) as Client,
  'graphql-ws': () =>
    createWs({
      url: `${origin.origin.replace('http', 'ws')}${path}`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${token}` },
      shouldRetry: () => true,
      ...soon,
    }) as unknown as Client,
};

describe.each(Object.entries(clients))('a subscription of %s', (of, make) => {
  const configMaps = '/clusters/root:orgs/api/v1/namespaces/default/configmaps';
  const done: string[] = [];
  const told: string[] = [];
  let failure: unknown;
  let client: Client;

  const body = (name: string, n: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { of } }, data: { n } });
  const create = async (name: string): Promise<void> => {
    await server.client.expect('POST', configMaps, { body: body(`${of}-${name}`, 'new') });
    done.push(`ADDED ${of}-${name} new`);
  };
  const change = async (name: string, n: string): Promise<void> => {
    await server.client.expect('PUT', `${configMaps}/${of}-${name}`, { body: body(`${of}-${name}`, n) });
    done.push(`MODIFIED ${of}-${name} ${n}`);
  };
  const remove = async (name: string, n: string): Promise<void> => {
    await server.client.expect('DELETE', `${configMaps}/${of}-${name}`);
    done.push(`DELETED ${of}-${name} ${n}`);
  };
  const allIsTold = async (): Promise<void> => {
    await untilTrue(`all ${done.length} are told`, () => {
      if (failure !== undefined) throw new Error('it ended', { cause: failure });
      return told.length >= done.length;
    });
    expect(told).toEqual(done);
  };

  beforeAll(() => {
    client = make();
    resuming(client.subscribe)(
      { query, variables: { of: `of=${of}` } },
      {
        next: ({ data }) => {
          const { type, object } = (data as unknown as { v1_configmaps: Told }).v1_configmaps;
          told.push(`${type} ${object.metadata.name} ${object.data.n}`);
        },
        error: (error) => (failure = error),
        complete: () => (failure = 'it completed'),
      },
    );
  });
  afterAll(() => client?.dispose());

  it('outlives connections that are cut while others write', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    await allIsTold();
    for (let round = 0; round < 8; round += 1) {
      origin.cut();
      await change('a', `${round}`);
      await change('b', `${round}`);
      await create(`d${round}`);
      if (round % 2 === 1) await remove(`d${round}`, 'new');
    }
    await allIsTold();
    await remove('c', 'new');
    await allIsTold();
    origin.cut();
    await change('a', 'after a deletion');
    await allIsTold();
  });

  it('outlives a server that is stopped and started', async () => {
    await change('a', 'just before');
    await server.restart();
    await create('restarted');
    await allIsTold();
  });

  it('outlives a server that is killed', async () => {
    await change('b', 'the last');
    await server.kill9();
    await server.start();
    await change('b', 'the first');
    await allIsTold();
  });
});
