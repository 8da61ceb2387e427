import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '#kube';
import type { Served } from '../servers/tributary-client.ts';
import { startTributary, temporaryFolder, type TributaryServer } from '../servers/tributary.ts';
import { unreadableBodies } from './bad-input/bodies.ts';
import { wrongNames } from './bad-input/names.ts';
import { wrongOrders } from './bad-input/orders.ts';
import { wrongAskers } from './bad-input/rights.ts';
import { clumsy, type Row } from './bad-input/row.ts';
import { wrongVersions } from './bad-input/versions.ts';
import { bindGadgets, gadget, gadgetGroup, gadgetsOf, offerGadgets, openAccount } from './gadgets.ts';

const gadgets = gadgetsOf(clumsy);
const outsider = 'outsider-token-of-a-user-without-rights';
let folder: string;
let server: TributaryServer;
let kept: Served;

beforeAll(async () => {
  folder = await temporaryFolder();
  const tokens = join(folder, 'tokens.csv');
  await writeFile(tokens, `${outsider},jane,1001,"guests"\n`, { mode: 0o600 });
  server = await startTributary({ folder: join(folder, 'data'), env: { TRIBUTARY_TOKEN_FILE: tokens } });
  const { client } = server;
  await offerGadgets(client);
  await openAccount(client, { parent: 'root:orgs', name: 'clumsy', type: 'org' });
  await bindGadgets(client, clumsy);
  kept = await client.expect('POST', gadgets, { body: gadget('kept') });
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));

type Failure = {
  readonly reason?: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly JsonObject[]; readonly retryAfterSeconds?: number };
};

/** Each row is refused to the letter, and nothing happens in the workspace. */
function refuse(rows: readonly Row[]): void {
  for (const { title, send, code, reason, message, causes } of rows) {
    test(title, async () => {
      const before = await positionOf(clumsy);
      const answer = await server.client.call(...send);
      const status = JSON.parse(answer.text) as Failure;
      expect({ code: answer.code, reason: status.reason ?? '', message: status.message }).toEqual({
        code,
        reason,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      });
      expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
      expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
      expect(status.details?.causes).toEqual(causes?.map(([causeReason, field, text]) => ({ reason: causeReason, field, message: text })));
      expect(await positionOf(clumsy)).toBe(before);
    });
  }
}

async function positionOf(workspace: string): Promise<string> {
  return (await server.client.get(`/clusters/${workspace}/api/v1/namespaces`)).metadata.resourceVersion;
}

describe('bodies that cannot be read', () => refuse(unreadableBodies));

describe('names that are not', () => {
  refuse(wrongNames);

  test.each([
    `/clusters/${clumsy}/apis/${gadgetGroup}/v1/namespaces/default/widgets`,
    `/clusters/${clumsy}/apis/${gadgetGroup}/v2/gadgets`,
    `/clusters/${clumsy}/%2e%2e/root/api/v1/namespaces`,
    `/clusters/${clumsy}/../root/api/v1/namespaces`,
    `/clusters/${clumsy}%2Fapi/v1/namespaces`,
    `/clusters/${clumsy}/clusters/root/api/v1/namespaces`,
    `/clusters/root:orgs:../api/v1/namespaces`,
  ])('a URL that names nothing: %s', async (path) => {
    const { code, headers, text } = await server.client.call('GET', path);
    const notFound = { code: 404, type: 'text/plain; charset=utf-8', text: '404 page not found\n' };
    expect({ code, type: headers['content-type'], text }).toEqual(notFound);
  });
});

describe('orders that are not allowed, one cause each', () => {
  refuse(wrongOrders);

  test('unknown fields are dropped with a warning when nobody asks to be strict', async () => {
    const answer = await server.client.call('POST', `${gadgets}?dryRun=All`, { body: gadget('warned', { size: 'small', bogus: 1 }) });
    expect([answer.code, answer.headers['warning']]).toEqual([201, '299 - "unknown field \\"spec.bogus\\""']);
    expect((JSON.parse(answer.text) as Served).spec).toEqual({ size: 'small', color: 'grey' });
  });
});

describe('versions of the past and of the future', () => {
  refuse(wrongVersions);

  test('a watch from the future is silent until it ends in time', async () => {
    const watching = server.client.watch(gadgets, '99999999', '&timeoutSeconds=1');
    expect(await watching.code).toBe(200);
    await watching.ended;
    expect(watching.events).toEqual([]);
  });

  test('a watch from zero begins with what is there', async () => {
    const watching = server.client.watch(gadgets, '0');
    await watching.until('what is there', (events) => events.length === 1);
    watching.close();
    expect(watching.events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { uid: kept.metadata.uid } } });
  });
});

describe('what one may not', () => {
  refuse(wrongAskers);

  test('an outsider is told the same of a workspace that is there and of one that is not', async () => {
    const ask = async (workspace: string) => {
      const { code, text, headers } = await server.client.call('GET', gadgetsOf(workspace), { token: outsider });
      return { code, text, sniff: headers['x-content-type-options'], length: headers['content-length'] };
    };
    const there = await ask(clumsy);
    expect(there).toMatchObject({ code: 403, sniff: 'nosniff' });
    expect(JSON.parse(there.text)).toMatchObject({
      reason: 'Forbidden',
      message: `gadgets.${gadgetGroup} is forbidden: User "jane" cannot list resource "gadgets" in API group "${gadgetGroup}" in the namespace "default"`,
    });
    expect(await ask('root:orgs:nowhere')).toEqual(there);
  });

  test('headers that name a user are not believed', async () => {
    const headers = { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' };
    expect((await server.client.call('GET', gadgets, { token: outsider, headers })).code).toBe(403);
    expect((await server.client.call('GET', gadgets, { token: null, headers })).code).toBe(401);
  });
});

test('after all this, what was there is there as it was, and the server is well', async () => {
  const { client } = server;
  expect(await client.list(gadgets)).toEqual([kept]);
  expect((await client.call('GET', '/readyz')).text).toBe('ok');
  const fresh = await client.expect('POST', gadgets, { body: gadget('fresh') });
  expect(fresh).not.toHaveProperty('polluted');
  expect(BigInt(fresh.metadata.resourceVersion)).toBe(BigInt(kept.metadata.resourceVersion) + 1n);
});

describe('a path that nothing is behind', () => {
  test('is told so as by Kubernetes, to those who are known', async () => {
    const { client } = server;
    for (const [method, path] of [
      ['GET', '/graphql'],
      ['GET', '/favicon.ico'],
      ['GET', '/api/v9/x'],
    ] as const) {
      expect(await client.call(method, path)).toMatchObject({ code: 404, text: '404 page not found\n' });
    }
    expect((await client.call('POST', '/metrics', { body: {} })).code).toBe(405);
    expect(JSON.parse((await client.call('GET', '/', { token: null })).text)).toMatchObject({ kind: 'Status', code: 401 });
    expect(JSON.parse((await client.call('GET', '/')).text)).toHaveProperty('paths');
  });
});

describe('what is computed', () => {
  test('can be watched, from where a list of it ends', async () => {
    const { client } = server;
    for (const [group, resource] of [
      ['tenancy.kcp.io', 'workspaces'],
      ['core.kcp.io', 'logicalclusters'],
      ['marketplace.platform-mesh.io', 'marketplaceentries'],
    ] as const) {
      const version = `/clusters/${clumsy}/apis/${group}/v1alpha1`;
      const { metadata } = await client.get<{ metadata: { resourceVersion: string } }>(`${version}/${resource}`);
      const watch = `${version}/${resource}?watch=true&timeoutSeconds=1&resourceVersion=`;
      expect(await client.call('GET', `${watch}${metadata.resourceVersion}`)).toMatchObject({ code: 200, text: '' });
      const { text } = await client.call('GET', `${watch}${2 ** 53}`);
      expect(text === '' ? 'waits' : (JSON.parse(text) as { object: object }).object).toEqual(
        resource === 'workspaces' ? 'waits' : expect.objectContaining({ kind: 'Status', reason: 'Expired', code: 410 }),
      );
      const { resources } = await client.get<{ resources: { name: string; verbs: string[] }[] }>(version);
      expect(resources.find(({ name }) => name === resource)?.verbs.toSorted()).toEqual(['get', 'list', 'watch']);
    }
  });
});
