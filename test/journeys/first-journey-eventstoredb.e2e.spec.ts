import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { testPostgres } from '#testing/adapter-postgres';
import { freePort } from '../servers/free-port.ts';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { prepareTributary, type TributaryServer } from '../servers/tributary.ts';
import { Front } from '../stand-ins/eventstoredb/front.ts';
import { startStandIn, type StandIn } from '../stand-ins/eventstoredb/stand-in.ts';
import { playFirstJourney } from './first-journey.ts';

// Two processes serve the API behind one address that gives them connections in turn; one of them plays all other roles, too.
const project = join(import.meta.dirname, '../..');
const apiOnly = [join(project, 'node_modules/.bin/node'), join(project, 'apps/api/src/main.ts')];

let standIn: StandIn;
let databaseUrl: string;
let balancer: Front;
let server: TributaryServer;
let second: TributaryServer;
let kubectl: Kubectl;
const connections = new Map<number, number>();

beforeAll(async () => {
  [kubectl, standIn, { url: databaseUrl }] = await Promise.all([testKubectl(), startStandIn(), testPostgres()]);
  const ports = [await freePort(), await freePort()];
  let running = [ports[0]!];
  let turn = 0;
  balancer = await Front.open(() => {
    const port = running[turn++ % running.length]!;
    connections.set(port, (connections.get(port) ?? 0) + 1);
    return port;
  });
  const env = { DATABASE_URL: databaseUrl, EVENTSTORE_URL: standIn.url, TRIBUTARY_PUBLIC_URL: `https://127.0.0.1:${balancer.port}` };
  server = await prepareTributary({ env, flags: ['--listen', `127.0.0.1:${ports[0]}`] });
  await server.start();
  second = await prepareTributary({ folder: server.folder, env, flags: ['--listen', `127.0.0.1:${ports[1]}`] });
  second.launch(apiOnly);
  await untilTrue('the second process is ready', () => accepts(ports[1]!), { deadlineMs: 60_000 });
  running = ports;
});
afterAll(async () => {
  await second?.remove();
  await server?.remove();
  balancer?.close();
  standIn?.stop();
});

describe('the first journey, over two processes with the log in a stand-in for EventStoreDB', () => {
  playFirstJourney(() => ({ server, kubectl }));

  test('was served by both processes, and PostgreSQL kept no event of it', async () => {
    expect(connections.size).toBe(2);
    expect(standIn.streams.all.some(({ stream, type }) => stream.startsWith('tributary.account-') && type === 'ResourceDeclared')).toBe(
      true,
    );
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query('SELECT count(*)::int AS events FROM events').finally(() => client.end());
    expect(rows).toEqual([{ events: 0 }]);
  });
});

/** Whether this process answers at all, readiness included. */
async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false }, ({ statusCode }) =>
      resolve(statusCode === 200),
    );
    asked.on('error', () => resolve(false)).end();
  });
}
