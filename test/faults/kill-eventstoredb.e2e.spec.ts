import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EventStoreEventLog } from '#adapter-eventstoredb';
import type { RecordedEvent } from '#stream';
import { testPostgres } from '#testing/adapter-postgres';
import { collect } from '#testing/stream';
import { startStandIn, type StandIn } from '../stand-ins/eventstoredb/stand-in.ts';
import { Cluster } from './cluster/cluster.ts';
import { killOneAtATime } from './cluster/killing.ts';
import { RecordedRun } from './cluster/recorded-run.ts';
import { Rounds } from './cluster/rounds.ts';
import { expectVerified } from './expect-verified.ts';
import { openAccount } from './gadgets.ts';
import { accountEvents, changesIn, faultsOfLives } from './recorded-history.ts';
import { SeededRandom } from './seeded-random.ts';

const rounds = new Rounds('EVENTSTORE_KILLS', { most: 3, seconds: 15 });
const random = SeededRandom.fromEnvironment('KILL_SEED');
const workspace = 'root:orgs:cluster';
let url: string;
let standIn: StandIn;
let cluster: Cluster;

beforeAll(async () => {
  [{ url }, standIn] = await Promise.all([testPostgres(), startStandIn({ nodes: 3 })]);
  cluster = await Cluster.start({ databaseUrl: url, eventStoreUrl: standIn.url });
  await openAccount(cluster.nextClient, { parent: 'root:orgs', name: 'cluster', type: 'org' });
});
afterAll(async () => {
  await cluster?.remove();
  standIn?.stop();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${cluster?.logs}`)));

test(
  'two api processes over one log in a stand-in for EventStoreDB, one killed at a time while connections to the log are cut and it changes its leader: every history is as if there were one',
  { timeout: 300_000 },
  async () => {
    const [first, second] = cluster.apis;
    const run = new RecordedRun({
      workspace,
      random,
      clients: [first.client, second.client],
      followedBy: [() => first.client, () => second.client, () => cluster.nextClient],
    });
    run.begin();
    const moreWrites = (count: number): Promise<void> => run.moreWrites(count);
    let isOver = false;
    const [killed, disturbed] = await Promise.all([
      killOneAtATime([first.process, second.process], { random, rounds, moreWrites }).finally(() => (isOver = true)),
      disturbAgainAndAgain(moreWrites, () => isOver),
    ]);
    const judge = await run.end();
    expect(await cluster.stop()).toEqual([]);

    const log = await EventStoreEventLog.open({ url: standIn.url, prefix: 'tributary.' });
    const history = await collect(log.readAll(0n)).finally(() => log.close());
    const recorded = accountEvents(history);
    expect(faultsOfRevisions(history)).toEqual([]);
    const all = changesIn(recorded);
    expect(faultsOfLives(all)).toEqual([]);
    await expectVerified(['--data', cluster.folder, '--database-url', url, '--eventstore-url', standIn.url]);
    const stream = recorded.find(({ event }) => event.type === 'WorkspaceOpened' && event.path === workspace)?.place.stream;
    judge(all.filter(({ place }) => place.stream === stream));
    console.log(`${killed} kills of api processes, ${disturbed} disturbances of the log; ${history.length} events`);
    expect(killed).toBeGreaterThanOrEqual(rounds.least);
    expect(disturbed).toBeGreaterThan(0);
  },
);

/** The way to the log breaks in the middle of something, an answer is lost after what it answers was kept, another node leads. */
async function disturbAgainAndAgain(moreWrites: (count: number) => Promise<void>, isOver: () => boolean): Promise<number> {
  const disturbances = [
    () => standIn.cut(),
    () => standIn.faults.onNextAppend('cut after commit'),
    () => standIn.faults.onNextAppend('cut before commit'),
    () => standIn.elect(random.between(0, 2)),
  ] as const;
  let disturbed = 0;
  for (; !isOver(); disturbed += 1) {
    await moreWrites(random.between(5, 25));
    random.pick(disturbances)();
  }
  return disturbed;
}

/** Revisions count without gap, positions grow, no event is there twice. */
function faultsOfRevisions(history: readonly RecordedEvent[]): readonly string[] {
  const faults: string[] = [];
  const heads = new Map<string, bigint>();
  const ids = new Set<string>();
  let last = 0n;
  for (const { stream, revision, position, id } of history) {
    const expected = (heads.get(stream) ?? -1n) + 1n;
    if (revision !== expected) faults.push(`${stream} has ${revision} where ${expected} was expected`);
    if (position <= last) faults.push(`position ${position} comes after ${last}`);
    if (ids.has(id)) faults.push(`event ${id} is recorded twice`);
    heads.set(stream, revision);
    ids.add(id);
    last = position;
  }
  return faults;
}
