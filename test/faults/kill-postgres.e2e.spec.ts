import { platform } from 'node:os';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '#adapter-postgres';
import { testPostgres } from '#testing/adapter-postgres';
import { databaseWay, type DatabaseWay } from '../servers/database-way.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { Cluster } from './cluster/cluster.ts';
import { childrenOf, signal } from './cluster/database-processes.ts';
import { expectWhole } from './cluster/expect-whole.ts';
import { RecordedRun } from './cluster/recorded-run.ts';
import { openAccount } from './gadgets.ts';
import { SeededRandom } from './seeded-random.ts';
import { Rounds } from './cluster/rounds.ts';

const rounds = new Rounds('POSTGRES_KILLS', { most: 100, seconds: 25 });
const random = SeededRandom.fromEnvironment('KILL_SEED');
const workspace = 'root:orgs:database';
const maps = `/clusters/${workspace}/api/v1/namespaces/default/configmaps`;
let url: string;
let server: EmbeddedPostgres;
let way: DatabaseWay;
let cluster: Cluster;

beforeAll(async () => {
  ({ url, server } = await testPostgres());
  way = await databaseWay(url);
  cluster = await Cluster.start({ databaseUrl: url, wayToDatabase: way.url });
  await openAccount(cluster.nextClient, { parent: 'root:orgs', name: 'database', type: 'org' });
});
afterAll(async () => {
  way?.open();
  await cluster?.remove();
  await way?.close();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${cluster?.logs}`)));

test('a database out of reach: writes and reads that need it are refused with 503, nobody is told anything old, and all goes on when it is back', async () => {
  const { client } = cluster.apis[0];
  const map = (name: string) => ({ body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } } });
  await client.expect('POST', maps, map('kept'));
  way.shut();
  const refused = await until('a write is refused', async () => {
    const answer = await client.call('POST', maps, map('refused'));
    return answer.code === 503 ? answer : undefined;
  });
  const outage = { kind: 'Status', code: 503, reason: 'ServiceUnavailable' };
  expect(JSON.parse(refused.text)).toMatchObject(outage);
  // Clients send again by themselves what names a time to come back. Whether this write was done, nobody knows: whoever sent it must look.
  expect(refused.headers['retry-after']).toBeUndefined();
  // Another process may have written meanwhile: what cannot be asked for is not guessed.
  const read = await client.call('GET', `${maps}/kept`);
  expect(JSON.parse(read.text)).toMatchObject(outage);
  expect((await client.call('GET', '/livez')).code).toBe(200);
  await untilTrue('it says that it is not ready', async () => (await client.call('GET', '/readyz')).code !== 200);

  way.open();
  await untilTrue('a write is acknowledged again', async () => (await client.call('POST', maps, map('again'))).code === 201);
  for (const name of ['kept', 'again']) expect((await client.get(`${maps}/${name}`)).metadata.name).toBe(name);
  await untilTrue('both are ready', async () => {
    const codes = await Promise.all(cluster.apis.map((api) => api.client.call('GET', '/readyz')));
    return codes.every(({ code }) => code === 200);
  });
});

test.skipIf(platform() !== 'linux')(
  `PostgreSQL killed, frozen, slowed and cut off up to ${rounds.most} times under load (skipped where /proc tells no processes): every history is as if nothing had been`,
  { timeout: Math.max(570_000, rounds.most * 20_000) },
  async () => {
    const run = new RecordedRun({
      workspace,
      random,
      clients: [cluster.apis[0].client, cluster.apis[1].client],
      followedBy: [() => cluster.apis[0].client, () => cluster.apis[1].client, () => cluster.nextClient],
    });
    run.begin();
    const done = new Map<string, number>();
    for (const _ of rounds) {
      await run.moreWrites(random.between(1, 10));
      const fault = random.pick<keyof typeof faults>([
        'postmaster',
        'postmaster',
        'backend',
        'backend',
        'backend',
        'freeze',
        'cut',
        'cut',
        'slow',
      ]);
      await faults[fault](run);
      done.set(fault, (done.get(fault) ?? 0) + 1);
      expect(cluster.gone).toEqual([]);
    }
    const judge = await run.end();
    expect(await cluster.stop()).toEqual([]);
    const { ofAccount, events } = await expectWhole(url, cluster.folder, workspace);
    judge(ofAccount);
    console.log(`${[...done].map(([fault, count]) => `${count} × ${fault}`).join(', ')}; ${events} events`);
    expect(rounds.done).toBeGreaterThanOrEqual(rounds.least);
  },
);

const faults = {
  /** The whole server: the supervisor starts it again, and it recovers. */
  async postmaster() {
    // It may not be up again since the last time.
    await untilTrue('there is a server to kill', () => signal(server.pid, 'SIGKILL'));
  },
  /** One of its processes: it throws the others out, and recovers. */
  async backend() {
    const children = childrenOf(server.pid);
    if (children.length > 0) signal(random.pick([...children] as [(typeof children)[number]]).pid, 'SIGKILL');
  },
  /** The disk answers late: all of the server's processes stand still, whatever they hold. */
  async freeze(run: RecordedRun) {
    const frozen = childrenOf(server.pid);
    const [begun, asked] = [performance.now(), run.asked];
    for (const { pid } of frozen) signal(pid, 'SIGSTOP');
    await untilTrue('somebody has waited for it', () => performance.now() - begun > 300 || run.asked > asked + 50);
    for (const { pid } of frozen) signal(pid, 'SIGCONT');
  },
  /** While answers are late: what was committed is not answered any more. */
  async cut(run: RecordedRun) {
    way.slow(random.between(20, 60));
    await run.moreWrites(2);
    await new Promise((resolve) => setTimeout(resolve, random.between(5, 40)));
    way.cut();
    way.slow(0);
  },
  async slow(run: RecordedRun) {
    way.slow(random.between(5, 60));
    await run.moreWrites(5);
    way.slow(0);
  },
} satisfies Record<string, (run: RecordedRun) => Promise<void>>;
