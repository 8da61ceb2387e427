import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { metricsText } from '#telemetry';
import { startKubeServer, widgetsPath as widgets } from '../testing/kube-server.ts';
import { storedObject } from '../testing/memory-workspace.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
vi.setConfig({ testTimeout: 30_000 });
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 5 });
const admin = 'admin-token-of-this-spec';
const ann = 'ann-token-of-this-spec';
const bearer = (token: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
const watcherCount = () => server.workspaces.acme.watchers.size;

type Dialled = {
  readonly protocols?: string[];
  readonly token?: string;
  readonly origin?: string | undefined;
  readonly to?: typeof server;
};

function dial(path: string, { protocols = [], token, origin = 'https://dashboard.example', to = server }: Dialled = {}): WebSocket {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new WebSocket(`ws://127.0.0.1:${to.port}${path}`, protocols, { headers, ...(origin === '' ? {} : { origin }) });
}

type Message = { readonly text: string; readonly isBinary: boolean };

/** Opens a watch and reads it message by message. */
async function watch(query: string, dialled: Dialled = { token: admin }) {
  const socket = dial(`${widgets}?watch=true&${query}`, dialled);
  const messages: Message[] = [];
  socket.on('message', (bytes: Buffer, isBinary) => messages.push({ text: bytes.toString(), isBinary }));
  const closed = once(socket, 'close').then(([code]) => code as number);
  const [response] = await Promise.all([
    once(socket, 'upgrade').then(([answer]) => answer as { headers: Record<string, string> }),
    once(socket, 'open'),
  ]);
  const take = async (count: number): Promise<{ type: string; object: { metadata: { name: string } } }[]> => {
    await until(() => messages.length >= count);
    return messages.splice(0, count).map(({ text }) => JSON.parse(text) as never);
  };
  return { socket, messages, closed, take, headers: response.headers };
}

/** The answer of a server that does not switch protocols. */
async function refused(path: string, dialled: Dialled): Promise<{ code: number; body: string; headers: Record<string, unknown> }> {
  const socket = dial(path, dialled);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    NodeJS.ReadableStream & { statusCode: number; headers: object },
  ];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { code: response.statusCode, body, headers: { ...response.headers } };
}

const write = (name: string) =>
  server.send(widgets, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: {} }),
  });

describe('a watch over WebSocket', () => {
  it('tells each event in one text message, from what there is on', async () => {
    await write('a');
    await write('b');
    const { socket, messages, take, closed } = await watch('');
    await until(() => messages.length >= 2);
    expect(messages.map(({ isBinary }) => isBinary)).toEqual([false, false]);
    expect((await take(2)).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'ADDED b']);
    await until(() => watcherCount() === 1);
    await write('c');
    await server.send(`${widgets}/c`, { method: 'DELETE' });
    expect((await take(2)).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED c', 'DELETED c']);
    socket.close();
    expect(await closed).toBe(1005);
    await until(() => watcherCount() === 0);
  });

  it('ends in time, behind its last bookmark, with code 1000', async () => {
    const { take, closed } = await watch(`resourceVersion=${server.workspaces.acme.position()}&timeoutSeconds=1&allowWatchBookmarks=true`);
    expect((await take(1))[0]?.type).toBe('BOOKMARK');
    expect(await closed).toBe(1000);
  });

  it('tells of a position that is gone by an ERROR, and ends', async () => {
    server.workspaces.acme.oldest = 3n;
    const { take, closed } = await watch('resourceVersion=1');
    server.workspaces.acme.oldest = 1n;
    expect(await take(1)).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    expect(await closed).toBe(1000);
  });

  it('streams many objects as fast as they are read', async () => {
    for (let count = 0; count < 450; count += 1) await write(`many-${count}`);
    const { take, socket, closed } = await watch('');
    expect(await take(452)).toHaveLength(452);
    socket.close();
    await closed;
    for (let count = 0; count < 450; count += 1) await server.send(`${widgets}/many-${count}`, { method: 'DELETE' });
  });
});

describe('who watches over WebSocket', () => {
  it('may prove it by a subprotocol, which is not echoed', async () => {
    const { headers, socket, closed } = await watch('', { protocols: [bearer(admin), 'base64.binary.k8s.io'] });
    expect(headers['sec-websocket-protocol']).toBe('base64.binary.k8s.io');
    expect(JSON.stringify(headers)).not.toContain(bearer(admin));
    socket.close();
    await closed;
  });

  it.each([
    ['a wrong token', { protocols: [bearer('wrong'), 'x'] }, 401],
    ['a token and nothing to echo', { protocols: [bearer(admin)] }, 401],
    ['no token', {}, 401],
    ['too few rights', { token: ann }, 403],
    ['no Origin', { token: admin, origin: '' }, 403],
  ])('is refused with %s, by a Status', async (_, dialled: Dialled, code) => {
    const reply = await refused(`${widgets}?watch=true`, dialled);
    expect(reply.code).toBe(code);
    expect(JSON.parse(reply.body)).toMatchObject({ kind: 'Status', status: 'Failure', code });
    expect(reply.headers).toMatchObject({ connection: 'close', 'audit-id': expect.any(String) as string });
  });

  it.each([
    ['what does not stream', `${widgets}`, 200],
    ['what is not there', `${widgets}/nope`, 404],
    ['what cannot be watched so', `${widgets}?watch=1&labelSelector=!`, 400],
  ])('gets a plain answer to %s', async (_, path, code) => {
    expect((await refused(path, { token: admin })).code).toBe(code);
  });

  it('hears nothing more, within a second, when the right goes', async () => {
    const { acme } = server.workspaces;
    const subjects = [{ kind: 'User' as const, name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }];
    const metadata = { name: 'watchers', namespace: 'default' };
    acme.grant({
      roles: [{ metadata, rules: [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['watch'] }] }],
      roleBindings: [{ metadata, subjects, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'watchers' } }],
    });
    const { closed, take } = await watch('', { token: ann });
    await take(2);
    const began = performance.now();
    acme.grant({ roles: [], roleBindings: [] });
    expect(await closed).toBe(1008);
    expect(performance.now() - began).toBeLessThan(1_000);
    await until(() => watcherCount() === 0);
  });
});

describe('whose token ends', () => {
  it.each([
    ['over WebSocket', async () => (await watch('')).closed],
    [
      'in chunks',
      async () => {
        const response = await server.open(`${widgets}?watch=1`);
        response.resume();
        await once(response, 'end');
        return 'ended';
      },
    ],
  ])('hears nothing more from then on, %s', async (_, opened) => {
    const began = performance.now();
    server.credentials.untilMs = Date.now() + 400;
    const ended = opened();
    await until(() => watcherCount() === 1);
    delete server.credentials.untilMs;
    expect(await ended).toEqual(expect.toSatisfy((end: unknown) => end === 1008 || end === 'ended'));
    expect(performance.now() - began).toBeGreaterThan(390);
    expect(performance.now() - began).toBeLessThan(1_500);
    await until(() => watcherCount() === 0);
  });
});

describe('a client that is not as it should be', () => {
  it('is cut off when it does not read', async () => {
    const { socket, closed } = await watch('');
    await until(() => watcherCount() === 1);
    socket.pause();
    const [watcher] = server.workspaces.acme.watchers;
    const spec = { text: 'x'.repeat(1024 * 1024) };
    const big = storedObject({ apiVersion: 'v1', kind: 'Widget', metadata: { name: 'big', resourceVersion: '1' }, spec }, 1n);
    await until(() => {
      for (let count = 0; count < 4; count += 1) watcher?.sink.events([{ type: 'MODIFIED', object: big, position: 1n }]);
      return watcherCount() === 0;
    });
    socket.resume();
    expect(await closed).toBe(1006);
  });

  it('is told so when its handshake is wrong, and leaves nothing behind', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `GET ${widgets}?watch=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://x\r\nAuthorization: Bearer ${admin}\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    await until(() => watcherCount() === 0);
  });

  it('is answered 504 where its watch cannot be opened in time', async () => {
    const other = await startKubeServer({ readSecondsMax: 0.2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    other.workspaces.held = promise;
    const { code, body } = await refused(`${widgets}?watch=1`, { token: admin, to: other });
    expect([code, JSON.parse(body)]).toMatchObject([504, { kind: 'Status', reason: 'Timeout' }]);
    other.workspaces.held = undefined;
    resolve();
    expect((await other.send(widgets)).code).toBe(200);
    expect(other.workspaces.acme.watchers.size).toBe(0);
    await other.stop();
  });

  it('may say what it likes', async () => {
    const { socket, take, closed } = await watch(`resourceVersion=${server.workspaces.acme.position()}`);
    await until(() => watcherCount() === 1);
    socket.send('{"stop":true}');
    await write('said');
    expect((await take(1))[0]).toMatchObject({ type: 'ADDED' });
    socket.terminate();
    expect(await closed).toBe(1006);
    await until(() => watcherCount() === 0);
  });
});

describe('a server that stops', () => {
  it('ends what is open as going away, and counts what was', async () => {
    const other = await startKubeServer();
    const { closed } = await watch('', { token: admin, to: other });
    await other.stop();
    expect(await closed).toBe(1001);
    expect(await metricsText()).toMatch(/apiserver_request_total\{verb="WATCH",resource="\w+",code="101"\} \d/);
  });
});
