import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clientAuthority, serverCertificates } from '#access';
import { createHttpFront } from './http-front.ts';

let folder: string;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'front-'));
  sockets = [];
  const certificates = await serverCertificates({ dataFolder: folder, hosts: [] });
  const kube = {
    rulesOfRoot: () => Promise.resolve(undefined),
    ownsPath: () => true,
    serve: () => undefined,
    wantsUpgrade: () => false,
    hasNeighbour: () => false,
    upgrade: () => undefined,
    endUpgraded: () => Promise.resolve(),
  };
  server = createHttpFront({ certificates, clientAuthority: await clientAuthority({ dataFolder: folder }), kube, rest: () => undefined });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await rm(folder, { recursive: true });
});

const port = (): number => (server.address() as AddressInfo).port;

it('does not wait, when it closes, for who is connected and says nothing, or has asked and is not answered', async () => {
  const silent = connect(port(), '127.0.0.1');
  const asking = connectSecurely({ port: port(), host: '127.0.0.1', rejectUnauthorized: false });
  sockets.push(silent, asking);
  await Promise.all([once(silent, 'connect'), once(asking, 'secureConnect')]);
  asking.write('GET /api?watch=1 HTTP/1.1\r\nHost: here\r\n\r\n');
  await once(server, 'request');
  await vi.waitUntil(async () => (await connections()) === 2, { timeout: 20_000 });
  server.close();
  await once(server, 'close', { signal: AbortSignal.timeout(20_000) });
  expect(await connections()).toBe(0);
});

function connections(): Promise<number> {
  return new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
}
