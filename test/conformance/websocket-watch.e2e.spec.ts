import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readKubeconfig, startTributary, temporaryFolder, type Access, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';

// How dashboards follow a workspace: Headlamp's back end with its own header, a page in a browser by a subprotocol.

const configMaps = '/clusters/root:orgs/api/v1/namespaces/default/configmaps';
let folder: string;
let server: TributaryServer;
let access: Access;
beforeAll(async () => {
  folder = await temporaryFolder();
  const env = { TRIBUTARY_AUDIT_LOG: join(folder, 'audit.log') };
  server = await startTributary({ folder: join(folder, 'data'), flags: ['--no-demo'], env });
  const read = await readKubeconfig(server.kubeconfig);
  if (read === undefined) throw new Error('the server wrote no kubeconfig');
  access = read;
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));

type Event = { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } };

async function watch(protocols: string[], headers: Record<string, string>) {
  const url = `${server.url.replace('https', 'wss')}${configMaps}?watch=1`;
  const socket = new WebSocket(url, protocols, { ca: access.ca, origin: 'https://dashboard.example', headers });
  const names: string[] = [];
  socket.on('message', (bytes: Buffer) => {
    const { type, object } = JSON.parse(bytes.toString()) as Event;
    names.push(`${type} ${object.metadata.name}`);
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  return { socket, names, closed };
}

describe('a dashboard', () => {
  test('follows a workspace over WebSocket, and is told when the server goes', async () => {
    const { token } = access;
    const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
    const page = await watch([bearer, 'base64.binary.k8s.io'], {});
    const backEnd = await watch([], { authorization: `Bearer ${token}` });
    expect([page.socket.protocol, backEnd.socket.protocol]).toEqual(['base64.binary.k8s.io', '']);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seen' } };
    await server.client.expect('POST', configMaps, { body });
    for (const { names } of [page, backEnd]) await untilTrue('the map is seen', () => names.includes('ADDED seen'));
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(await Promise.all([page.closed, backEnd.closed])).toEqual([1001, 1001]);
    const audit = await readFile(join(folder, 'audit.log'), 'utf8');
    const verbs = audit
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verb: string; requestURI: string })
      .filter(({ requestURI }) => requestURI.startsWith(configMaps))
      .map(({ verb }) => verb);
    expect(verbs).toEqual(['create', 'watch', 'watch']);
    const written = `${server.logs}${audit}${await readFile(join(folder, 'data', 'tributary.log'), 'utf8')}`;
    for (const secret of [token, bearer]) expect(written).not.toContain(secret);
  });
});
