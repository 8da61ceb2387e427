import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startKubeServer, widgetsPath as widgets, type Reply } from './testing/kube-server.ts';
import type { Limits } from './in-flight/turnstile.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
vi.setConfig({ testTimeout: 30_000 });
afterEach(() => server.stop());
const start = async (limits: Partial<Limits>): Promise<void> => {
  server = await startKubeServer(limits);
};

/** Keeps requests from going on until it is released. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.workspaces.held = promise;
  return () => {
    server.workspaces.held = undefined;
    resolve();
  };
}

const tooMany = {
  code: 429,
  headers: expect.objectContaining({ 'retry-after': '1' }) as unknown,
  json: {
    kind: 'Status',
    reason: 'TooManyRequests',
    message: 'Too many requests, please try again later.',
    details: { retryAfterSeconds: 1 },
    code: 429,
  },
};
const body = (name: string) => JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: {} });

describe('more than can be answered at a time', () => {
  it('is answered 429 and when to come back, and let in again when there is room', async () => {
    await start({ readsMax: 4 });
    const release = hold();
    const replies: Reply[] = [];
    const sent = Array.from({ length: 8 }, async () => void replies.push(await server.send(widgets)));
    await vi.waitUntil(() => replies.length === 6, { timeout: 20_000 });
    expect(replies.map(({ code }) => code)).toEqual([429, 429, 429, 429, 429, 429]);
    expect(replies[0]).toMatchObject(tooMany);
    release();
    await Promise.all(sent);
    expect(replies.slice(6).map(({ code }) => code)).toEqual([200, 200]);
    expect((await server.send(widgets)).code).toBe(200);
  });

  it('leaves room for other users, for writes beside reads, and for probes', async () => {
    await start({ readsMax: 3 });
    const release = hold();
    const busy = Array.from({ length: 3 }, () => server.send(widgets));
    expect((await Promise.race(busy)).code).toBe(429);
    const [probe, version] = await Promise.all([server.send('/readyz'), server.send('/version')]);
    const others = [
      server.send(widgets, { headers: { authorization: 'Bearer ann-token-of-this-spec' } }),
      server.send(widgets, { method: 'POST', body: body('a') }),
    ];
    release();
    const [ann, write] = await Promise.all(others);
    // Ann has no rights, but she is heard.
    expect([ann?.code, write?.code, probe.code, version.code]).toEqual([403, 201, 200, 200]);
    expect((await Promise.all(busy)).map(({ code }) => code).sort()).toEqual([200, 200, 429]);
  });

  it('is the same for watches, which give their place back when they end', async () => {
    await start({ watchesMax: 4 });
    const open = await Promise.all([server.open(`${widgets}?watch=1`), server.open(`${widgets}?watch=1`)]);
    expect(await server.send(`${widgets}?watch=1`)).toMatchObject(tooMany);
    open[0]?.destroy();
    await vi.waitUntil(async () => {
      const again = await server.open(`${widgets}?watch=1`);
      again.destroy();
      return again.statusCode === 200;
    });
    open[1]?.destroy();
  });
});

describe('what takes too long', () => {
  it.each([
    ['a read', { readSecondsMax: 0.2 }, {}],
    ['a write', { writeSecondsMax: 0.2 }, { method: 'POST', body: body('late') }],
  ])('is answered 504: %s', async (_, limits, sent) => {
    await start(limits);
    server.workspaces.delayMs = 3_000;
    expect(await server.send(widgets, sent)).toMatchObject({
      code: 504,
      headers: { connection: 'close' },
      json: { kind: 'Status', reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout', code: 504 },
    });
    // What comes of it later harms nobody.
    server.workspaces.delayMs = 0;
    await vi.waitUntil(async () => (await server.send(`${widgets}/${sent === undefined ? 'a' : 'late'}`)).code > 0);
  });

  it.each([
    ['a read', {}],
    ['a write', { method: 'POST', body: body('soon') }],
  ])('is answered 504 as soon as the client says: %s', async (_, sent) => {
    await start({});
    server.workspaces.delayMs = 3_000;
    const began = performance.now();
    expect(await server.send(`${widgets}?timeout=100ms`, sent)).toMatchObject({ code: 504, json: { kind: 'Status', reason: 'Timeout' } });
    expect(performance.now() - began).toBeLessThan(2_000);
    // Nobody waits for less than nothing, nor longer than the server lets anybody.
    server.workspaces.delayMs = 0;
    for (const wish of ['0', '0s', '-1s', '1h', '1m30s', '', '1.5s', '+2s']) {
      const { code } = await server.send(`${widgets}?timeout=${encodeURIComponent(wish)}`);
      expect([wish, code]).toEqual([wish, 200]);
    }
    await server.stop();
    await start({ readSecondsMax: 0.2, writeSecondsMax: 0.2 });
    server.workspaces.delayMs = 3_000;
    expect((await server.send(`${widgets}?timeout=1h`, sent)).code).toBe(504);
  });

  it.each([
    ['soon', 'invalid duration "soon"'],
    ['10', 'missing unit in duration "10"'],
    ['10y', 'unknown unit "y" in duration "10y"'],
    ['.s', 'invalid duration ".s"'],
    ['9999999h', 'invalid duration "9999999h"'],
  ])('is not said by %s', async (wish, fault) => {
    await start({});
    const message = `invalid timeout specified in the request URL - time: ${fault}`;
    const refused = await server.send(`${widgets}?timeout=${wish}`, { headers: { authorization: 'Bearer wrong' } });
    expect(refused).toMatchObject({ code: 400, json: { reason: 'BadRequest', message } });
    const watch = await server.open(`${widgets}?watch=1&timeout=${wish}`);
    expect(watch.statusCode).toBe(200);
    watch.destroy();
  });

  it.each([
    ['of which nothing is heard', ''],
    ['that is to begin somewhere', '&resourceVersion=1'],
    ['that is to begin with what is there', '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'],
  ])('is answered 504: the opening of a watch %s', async (_, query) => {
    await start({ readSecondsMax: 0.2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const { acme } = server.workspaces;
    const plain = acme.watch.bind(acme);
    acme.watch = async (...call) => {
      await promise;
      return plain(...call);
    };
    expect(await server.send(`${widgets}?watch=1${query}`)).toMatchObject({
      code: 504,
      headers: { connection: 'close' },
      json: { kind: 'Status', reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout', code: 504 },
    });
    // What opens afterwards is for nobody.
    resolve();
    await vi.waitUntil(() => acme.watchers.size === 0, { timeout: 20_000 });
    expect((await server.send(widgets)).code).toBe(200);
  });

  it('is answered 504 where a watch waits for its workspace', async () => {
    await start({ readSecondsMax: 0.2 });
    const release = hold();
    expect(await server.send(`${widgets}?watch=1`)).toMatchObject({ code: 504, json: { kind: 'Status', reason: 'Timeout' } });
    release();
  });

  it('is not a watch that is open, whether it hears anything or not', async () => {
    await start({ readSecondsMax: 0.2 });
    const watch = await server.open(`${widgets}?watch=1`);
    let isOver = false;
    let text = '';
    watch.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => (isOver = true));
    // Long enough for another that began later to be shown out.
    server.workspaces.delayMs = 3_000;
    expect((await server.send(widgets)).code).toBe(504);
    server.workspaces.delayMs = 0;
    await server.send(widgets, { method: 'POST', body: body('told') });
    await vi.waitUntil(() => text.includes('told'), { timeout: 20_000 });
    expect(isOver).toBe(false);
    watch.destroy();
  });

  it('includes a body that does not come', async () => {
    await start({ writeSecondsMax: 0.2 });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST ${widgets} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token-of-this-spec\r\nContent-Length: 100\r\n\r\n{"apiVersion"`,
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'end');
    expect(text).toMatch(/^HTTP\/1.1 504 /);
    socket.destroy();
  });
});
