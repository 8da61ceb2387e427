import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readKubeconfig, startTributary, temporaryFolder, type Access, type TributaryServer } from '../../servers/tributary.ts';
import { untilTrue } from '../../servers/tributary-until.ts';
import { openWorkspace } from '../../servers/tributary-workspace.ts';

let folder: string;
let server: TributaryServer;
let access: Access;
const orgs = '/api/clusters/root:orgs/graphql';
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  folder = await temporaryFolder();
  const env = { TRIBUTARY_AUDIT_LOG: join(folder, 'audit.log') };
  server = await startTributary({ folder: join(folder, 'data'), flags: ['--no-demo'], env });
  const read = await readKubeconfig(server.kubeconfig);
  if (read === undefined) throw new Error('the server wrote no kubeconfig');
  access = read;
});
afterAll(async () => {
  agent.destroy();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));

type Result = { readonly data?: Readonly<Record<string, never>>; readonly errors?: readonly { readonly message: string }[] };

async function ask(path: string, query: string, headers: Record<string, string> = {}): Promise<{ code: number; json: Result }> {
  const { code, text } = await server.client.call('POST', path, { body: { query }, headers });
  return { code, json: JSON.parse(text) as Result };
}

/** Follows a subscription; gives what has come of the stream until now. */
async function follow(path: string, query: string) {
  const { hostname, port } = new URL(server.url);
  const options: RequestOptions = {
    agent,
    ca: access.ca,
    hostname,
    port,
    path,
    method: 'POST',
    headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
  };
  const sent = request(options);
  sent.end(JSON.stringify({ query }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  response.on('error', () => undefined);
  sent.on('error', () => undefined);
  return {
    response,
    text: () => text,
    events: () => [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Result),
    close: () => sent.destroy(),
  };
}

describe('a workspace that is asked in GraphQL', () => {
  test('orders an organisation, follows it, and finds it in its own words', async () => {
    const followed = await follow(
      orgs,
      'subscription { core_platform_mesh_io_v1alpha1_accounts { type object { metadata { name resourceVersion } status { path conditions { type status } } } } }',
    );
    const order =
      'mutation { core_platform_mesh_io { v1alpha1 { createAccount(object: { metadata: { name: "pear" }, spec: { type: "org" } }) { spec { creator } } } } }';
    expect((await ask(orgs, order)).json).toEqual({
      data: { core_platform_mesh_io: { v1alpha1: { createAccount: { spec: { creator: 'tributary-admin' } } } } },
    });
    await untilTrue('the organisation is ready', () => followed.text().includes('"type":"Ready","status":"True"'));
    expect(followed.response.headers['content-type']).toContain('text/event-stream');
    expect(followed.text().startsWith('event: next\ndata: {"data":{"core_platform_mesh_io_v1alpha1_accounts":{"type":"ADDED"')).toBe(true);
    followed.close();
    const { json } = await ask(
      '/api/clusters/root:orgs:pear/graphql',
      '{ v1 { Namespaces(fieldselector: "metadata.name=default") { items { metadata { name } } } } }',
    );
    expect(json).toEqual({ data: { v1: { Namespaces: { items: [{ metadata: { name: 'default' } }] } } } });
  });

  test('has types for what it comes to serve', async () => {
    const workspace = await openWorkspace(server, 'plum');
    const path = `/api${workspace}/graphql`;
    expect((await ask(path, '{ kitchen_io { v1 { Recipes { items { kind } } } } }')).json.errors).toHaveLength(1);
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: recipes.kitchen.io }
spec:
  group: kitchen.io
  names: { plural: recipes, kind: Recipe }
  scope: Namespaced
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { servings: { type: integer } } } } } } }`;
    await ask(path, `mutation { applyYaml(yaml: ${JSON.stringify(definition)}) }`);
    const create =
      'mutation { kitchen_io { v1 { createRecipe(namespace: "default", object: { metadata: { name: "pie" }, spec: { servings: 9007199254740993 } }) { spec { servings } } } } }';
    const { text } = await server.client.call('POST', path, { body: { query: create } });
    expect(text).toBe('{"data":{"kitchen_io":{"v1":{"createRecipe":{"spec":{"servings":9007199254740993}}}}}}');
  });

  test('lets in whom REST lets in, and lets them do what REST lets them do', async () => {
    const query = '{ core_platform_mesh_io { v1alpha1 { Accounts { items { kind } } } } }';
    for (const [path, code] of [
      ['/clusters/root:orgs/api', 403],
      [orgs, 403],
      ['/api/clusters/root:nowhere/graphql', 403],
    ] as const) {
      const { code: answered, text } = await server.client.call(path === orgs ? 'POST' : 'GET', path, {
        headers: { 'impersonate-user': 'ann', 'impersonate-group': 'system:authenticated' },
        ...(path === orgs ? { body: { query } } : {}),
      });
      expect([path, answered]).toEqual([path, code]);
      expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'Forbidden' });
    }
    const { code, text } = await server.client.call('POST', orgs, { body: { query }, token: null });
    expect([code, JSON.parse(text)]).toMatchObject([401, { kind: 'Status', reason: 'Unauthorized' }]);
    expect((await server.client.call('POST', '/api/clusters/root:orgs/other', { body: { query } })).code).toBe(404);
  });

  test('writes what was done into the audit log, and no body', async () => {
    await untilTrue('the line is written', async () =>
      (await readFile(join(folder, 'audit.log'), 'utf8')).includes('create accounts pear'),
    );
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
    const line = lines
      .map((text) => JSON.parse(text) as { requestURI: string; annotations: object; requestObject?: object })
      .find(({ annotations }) => JSON.stringify(annotations).includes('create accounts pear'));
    expect(line).toMatchObject({ requestURI: orgs, annotations: { 'graphql.tributary/deeds': 'create accounts pear' } });
    expect(line).not.toHaveProperty('requestObject');
  });

  test('lets a client go on where it was when the server has been away', async () => {
    const query = (from: string) =>
      `subscription { v1_configmaps(namespace: "default"${from}) { type object { metadata { name resourceVersion } } } }`;
    const create = (name: string) =>
      ask(orgs, `mutation { v1 { createConfigMap(namespace: "default", object: { metadata: { name: "${name}" } }) { kind } } }`);
    const first = await follow(orgs, query(''));
    await create('before');
    await untilTrue('the first is told', () => first.text().includes('"before"'));
    const last = first.events().at(-1)?.data as unknown as { v1_configmaps: { object: { metadata: { resourceVersion: string } } } };
    await create('meanwhile');
    await server.restart();
    const second = await follow(orgs, query(`, resourceVersion: "${last.v1_configmaps.object.metadata.resourceVersion}"`));
    await create('after');
    await untilTrue('all is told', () => second.events().length === 2);
    expect(second.events().map(({ data }) => JSON.stringify(data))).toEqual([
      expect.stringMatching(/"ADDED".*"meanwhile"/),
      expect.stringMatching(/"ADDED".*"after"/),
    ]);
    second.close();
  });

  test('speaks over a WebSocket with a token that a page brings along, until the server goes', async () => {
    const socket = new WebSocket(`${server.url.replace('https', 'wss')}${orgs}`, 'graphql-transport-ws', { ca: access.ca });
    const messages: { type: string; payload?: Result }[] = [];
    socket.on('message', (bytes: Buffer) => void messages.push(JSON.parse(bytes.toString()) as { type: string }));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${access.token}` } }));
    socket.send(JSON.stringify({ type: 'ping' }));
    await untilTrue('it is let in', () => messages.some(({ type }) => type === 'connection_ack'));
    socket.send(
      JSON.stringify({
        id: '1',
        type: 'subscribe',
        payload: { query: 'subscription { v1_configmap(namespace: "default", name: "after") { type } }' },
      }),
    );
    await untilTrue('it is told', () => messages.some(({ type }) => type === 'next'));
    expect(messages.find(({ type }) => type === 'next')?.payload).toEqual({ data: { v1_configmap: { type: 'ADDED' } } });
    const closed = once(socket, 'close');
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect((await closed)[0]).toBe(1001);
  });
});
