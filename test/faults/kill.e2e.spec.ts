import { afterAll, beforeEach, expect, test } from 'vitest';
import { compileCache } from '../servers/tributary-role.ts';
import { prepareTributary, startTributary, type TributaryServer } from '../servers/tributary.ts';
import { Rounds } from './cluster/rounds.ts';
import { faultsOfPlaces, readHistory } from './recorded-history.ts';
import { SeededRandom } from './seeded-random.ts';
import { Storm } from './storm.ts';
import { weatherStorm } from './weather-storm.ts';

const rounds = new Rounds('SERVER_KILLS', { most: 25, seconds: 40 });
const random = SeededRandom.fromEnvironment('KILL_SEED');

const servers: TributaryServer[] = [];
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${servers.map(({ logs }) => logs).join('\n---\n')}`));
});
afterAll(async () => {
  for (const server of servers) await server.remove();
});

test('killed while it prepares for the first time, it prepares when it is started again', async () => {
  const server = await prepareTributary({ env: compileCache });
  servers.push(server);
  const storm = new Storm(server);
  for (const lines of [1, 2, 3]) await storm.killWhileStarting(lines);
  await storm.start();
  expect(await server.client.get('/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts')).toMatchObject({
    kind: 'AccountList',
    items: [],
  });
  expect(faultsOfPlaces(await readHistory(server.folder))).toEqual([]);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test(`killed up to ${rounds.most} times under load, it loses nothing, doubles nothing, and every journey goes on`, async () => {
  const server = await startTributary({ env: compileCache });
  servers.push(server);
  await weatherStorm(server, { random, rounds });
});
