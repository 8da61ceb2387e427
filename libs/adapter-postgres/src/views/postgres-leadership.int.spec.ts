import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '#telemetry';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresLeadership } from './postgres-leadership.ts';

/** A way to a server whose connections can be made deaf: nothing comes back any more, and nothing says so. */
async function wayTo(url: string) {
  const target = new URL(url);
  const open = new Set<{ isDeaf: boolean }>();
  const server = createServer((near) => {
    const connection = { isDeaf: false };
    open.add(connection);
    const far = connect(Number(target.port), target.hostname);
    for (const each of [near, far]) each.on('error', () => undefined);
    near.on('data', (bytes) => far.write(bytes)).on('close', () => far.destroy());
    far.on('data', (bytes) => connection.isDeaf || near.write(bytes)).on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const way = new URL(url);
  way.port = `${(server.address() as AddressInfo).port}`;
  const deafen = (): void => open.forEach((connection) => (connection.isDeaf = true));
  return { url: way.href, deafen };
}

it('takes a connection that does not answer for none, and leads by another', async () => {
  const { url } = await testPostgres();
  const way = await wayTo(url);
  const leadership = new PostgresLeadership(way.url, silentLogger);
  onTestFinished(() => leadership.close());
  const { signal } = new AbortController();
  const first = await leadership.lead('one', signal);
  way.deafen();
  const second = await leadership.lead('other', signal);
  // What it led by the old connection is anybody's.
  expect(first?.lost.aborted).toBe(true);
  expect(second?.lost.aborted).toBe(false);
});
