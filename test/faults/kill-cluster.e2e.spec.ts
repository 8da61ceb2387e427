import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { testPostgres } from '#testing/adapter-postgres';
import { startInterruptingFront, type InterruptingFront } from '../servers/interrupting-front.ts';
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
let front: InterruptingFront;
let isOver = false;

beforeAll(async () => {
  ({ url } = await testPostgres());
  cluster = await Cluster.start({ databaseUrl: url });
  front = await startInterruptingFront({ folder: cluster.folder, url: cluster.apis[1].url });
  await openAccount(cluster.nextClient, { parent: 'root:orgs', name: 'cluster', type: 'org' });
});
afterAll(async () => {
  await front?.close();
  await cluster?.remove();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${cluster?.logs}`)));

test(
  `two api processes and a projector, one killed at a time, up to ${rounds.most} times in all: whoever writes goes on through the other, and every history is as if there were one`,
  { timeout: 570_000 },
  async () => {
    const [first, second] = cluster.apis;
    const behindFront = second.at(front.url);
    onTestFinished(() => behindFront.close());
    const run = new RecordedRun({
      workspace,
      random,
      clients: [cluster.apis[0].client, cluster.apis[1].client],
      followedBy: [() => first.client, () => second.client, () => cluster.nextClient, () => cluster.nextClient, () => behindFront],
    });
    run.begin();
    const moreWrites = (count: number): Promise<void> => run.moreWrites(count);
    const [killedApis, killedProjectors, cuts] = await Promise.all([
      killOneAtATime([first.process, second.process], { random, rounds, moreWrites }),
      killOneAtATime([cluster.projector], { random, rounds, moreWrites }).finally(() => (isOver = true)),
      cutAgainAndAgain(moreWrites),
    ]);
    const judge = await run.end();
    expect(await cluster.stop()).toEqual([]);
    const { ofAccount, events } = await expectWhole(url, cluster.folder, workspace);
    judge(ofAccount);
    console.log(`${killedApis} kills of api processes, ${killedProjectors} of projectors, ${cuts} watches cut; ${events} events`);
    expect(cuts).toBeGreaterThan(0);
    expect(killedApis + killedProjectors).toBeGreaterThanOrEqual(rounds.least);
  },
);

/** Watches through something between break off in the midst of a line, too, or are ended, while both ends live. Gives how many. */
async function cutAgainAndAgain(moreWrites: (count: number) => Promise<void>): Promise<number> {
  let cuts = 0;
  while (!isOver) {
    await moreWrites(random.between(1, 30));
    cuts += front.watches();
    if (random.next() < 0.7) front.cut();
    else front.end();
  }
  return cuts;
}
