import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testPostgres } from '#testing/adapter-postgres';
import { testKafka, type TestKafka } from '../servers/kafka.ts';
import { databaseWay, type DatabaseWay } from '../servers/database-way.ts';
import { RoleProcess } from '../servers/tributary-role.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { Cluster } from './cluster/cluster.ts';
import { expectWhole } from './cluster/expect-whole.ts';
import { killOneAtATime } from './cluster/killing.ts';
import { Rounds } from './cluster/rounds.ts';
import { NoteWriters } from './note-writers.ts';
import { bindHttpBins, OrderingConsumer } from './orders.ts';
import { faultsOfWrites } from './recorded-history.ts';
import { SeededRandom } from './seeded-random.ts';

const rounds = new Rounds('BRIDGE_KILLS', { most: 40, seconds: 10 });
/** Of the bridge alone: a provider that starts anew asks for everything once more, and makes up for what was lost on the way. */
const roundsAlone = new Rounds('BRIDGE_KILLS_ALONE', { most: 20, seconds: 15, least: 2 });
/** How long an order is on its way to Kafka. */
const wayMs = 80;
/** How long reports come in that a bridge without its log can only hold. */
const holdMs = 700;
/** A bridge that follows on a killed one gets reports when brokers have given up that one's membership. */
const patienceMs = 40_000;
const random = SeededRandom.fromEnvironment('KILL_SEED');
const workspace = 'root:orgs:deliveries';
let url: string;
let kafka: TestKafka | undefined;
let cluster: Cluster | undefined;
let provider: RoleProcess;
let way: DatabaseWay | undefined;

beforeAll(async () => {
  [{ url }, kafka] = await Promise.all([testPostgres(), testKafka()]);
  const ways = { KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: `kill-${crypto.randomUUID().slice(0, 8)}` };
  way = await databaseWay(url);
  cluster = await Cluster.start({ databaseUrl: url, wayOfBridge: way.url, kafka: ways });
  provider = new RoleProcess('example-provider', ways);
  await provider.start();
  await bindHttpBins(cluster.nextClient, workspace);
});
afterAll(async () => {
  await provider?.kill9();
  await cluster?.remove();
  await way?.close();
  await kafka?.stop();
});
beforeEach(({ onTestFailed }) =>
  onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${cluster?.logs}\n--- provider ---\n${provider?.logs}`)),
);

test(
  `a bridge, and a provider behind Kafka, killed up to ${rounds.most + roundsAlone.most} times in all: every order is delivered, changed and taken back, nothing twice`,
  { timeout: 570_000 },
  async () => {
    const { bridge, nextClient } = cluster!;
    const notes = new NoteWriters(nextClient, `/clusters/${workspace}/api/v1/namespaces/default/configmaps`);
    const consumers = ['ada', 'bea', 'cleo'].map((name) => new OrderingConsumer(name, () => cluster!.nextClient, workspace));
    let isOver = false;
    notes.begin(1);
    const ordering = Promise.all(consumers.map((consumer) => consumer.orderUntil(() => isOver)));
    ordering.catch(() => undefined);
    const moreWrites = (count: number): Promise<void> => notes.moreAcknowledged(count);
    const sent = (): number => consumers.reduce((sum, { ledger }) => sum + ledger.writes.length, 0);
    const delivered = (): number => consumers.reduce((sum, consumer) => sum + consumer.delivered, 0);
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    /** While an order is on its way; or later, where all wait for what was on its way before. */
    const whileOrdered = async (): Promise<void> => {
      const [before, latest] = [sent(), notes.acknowledged.size + 40];
      await untilTrue('an order is on its way', () => sent() > before || notes.acknowledged.size >= latest, { pauseMs: 1 });
      await pause(random.between(0, wayMs));
    };
    /** While reports are in hand that cannot be recorded: what Kafka is told of them then is lost with the bridge. */
    const whileReported = async (): Promise<void> => {
      const [before, latest] = [delivered(), performance.now() + patienceMs];
      await untilTrue('reports come in', () => delivered() > before || performance.now() > latest, { pauseMs: 1 });
      await whileOrdered();
      way?.shut();
      await pause(holdMs);
    };
    const opened = (count: number): Promise<void> => {
      way?.open();
      return moreWrites(count);
    };
    const storm = async (): Promise<number> => {
      const kill = (victim: RoleProcess): Promise<number> => killOneAtATime([victim], { random, rounds, moreWrites, moment: whileOrdered });
      const ofBoth = await Promise.all([kill(bridge!), kill(provider)]);
      const alone = await killOneAtATime([bridge!], { random, rounds: roundsAlone, moreWrites: opened, moment: whileReported });
      return ofBoth[0] + ofBoth[1] + alone;
    };
    // Whoever finds something lost ends the storm at once.
    const killing = storm();
    const killed = await Promise.race([killing, ordering.then(() => killing)]);
    isOver = true;
    await ordering;
    await notes.end();
    for (const consumer of consumers) await consumer.expectStanding();

    expect((await provider.stop())?.code).toBe(0);
    expect(await cluster!.stop()).toEqual([]);
    const { all, events } = await expectWhole(url, cluster!.folder, workspace);
    const writes = [notes, ...consumers].flatMap(({ ledger }) => ledger.writes);
    expect(faultsOfWrites(writes, all)).toEqual([]);
    console.log(`${killed} kills, ${delivered()} deliveries, ${writes.length} writes; ${events} events`);
    // A storm in which nothing was delivered proves nothing.
    expect(delivered()).toBeGreaterThan(consumers.length);
    expect(killed).toBeGreaterThanOrEqual(rounds.least + roundsAlone.least);
  },
);
