import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testPostgres } from '#testing/adapter-postgres';
import { Cluster } from './cluster/cluster.ts';
import { expectWhole } from './cluster/expect-whole.ts';
import { killOneAtATime } from './cluster/killing.ts';
import { RecordedRun } from './cluster/recorded-run.ts';
import { Rounds } from './cluster/rounds.ts';
import { openAccount } from './gadgets.ts';
import { SeededRandom } from './seeded-random.ts';

const rounds = new Rounds('CLUSTER_KILLS', { most: 60, seconds: 45 });
const random = SeededRandom.fromEnvironment('KILL_SEED');
const workspace = 'root:orgs:cluster';
let url: string;
let cluster: Cluster;

beforeAll(async () => {
  ({ url } = await testPostgres());
  cluster = await Cluster.start({ databaseUrl: url });
  await openAccount(cluster.nextClient, { parent: 'root:orgs', name: 'cluster', type: 'org' });
});
afterAll(async () => {
  await cluster?.remove();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${cluster?.logs}`)));

test(
  `two api processes and a projector, one killed at a time, up to ${rounds.most} times in all: whoever writes goes on through the other, and every history is as if there were one`,
  { timeout: 570_000 },
  async () => {
    const [first, second] = cluster.apis;
    const run = new RecordedRun({
      workspace,
      random,
      clients: [cluster.apis[0].client, cluster.apis[1].client],
      followedBy: [() => first.client, () => second.client, () => cluster.nextClient, () => cluster.nextClient],
    });
    run.begin();
    const moreWrites = (count: number): Promise<void> => run.moreWrites(count);
    const [killedApis, killedProjectors] = await Promise.all([
      killOneAtATime([first.process, second.process], { random, rounds, moreWrites }),
      killOneAtATime([cluster.projector], { random, rounds, moreWrites }),
    ]);
    const judge = await run.end();
    expect(await cluster.stop()).toEqual([]);
    const { ofAccount, events } = await expectWhole(url, cluster.folder, workspace);
    judge(ofAccount);
    console.log(`${killedApis} kills of api processes, ${killedProjectors} of projectors; ${events} events`);
    expect(killedApis + killedProjectors).toBeGreaterThanOrEqual(rounds.least);
  },
);
