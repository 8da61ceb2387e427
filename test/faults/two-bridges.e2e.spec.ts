import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testPostgres } from '#testing/adapter-postgres';
import { testKafka, type TestKafka } from '../servers/kafka.ts';
import { RoleProcess } from '../servers/tributary-role.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { Cluster } from './cluster/cluster.ts';
import { expectWhole } from './cluster/expect-whole.ts';
import { killInMidst } from './kills.ts';
import { bindHttpBins, OrderingConsumer } from './orders.ts';
import { faultsOfWrites } from './recorded-history.ts';

// Two bridges for one topic prefix: whoever of them ends, and however, the other goes on. Nobody starts one again in between.
const workspace = 'root:orgs:deliveries';
const carries = 'carries orders to providers from here';
let url: string;
let kafka: TestKafka | undefined;
let cluster: Cluster | undefined;
let provider: RoleProcess | undefined;

beforeAll(async () => {
  [{ url }, kafka] = await Promise.all([testPostgres(), testKafka()]);
  const ways = { KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: `two-${crypto.randomUUID().slice(0, 8)}` };
  cluster = await Cluster.start({ databaseUrl: url, kafka: ways });
  provider = new RoleProcess('example-provider', ways);
  await provider.start();
  await bindHttpBins(cluster.nextClient, workspace);
});
afterAll(async () => {
  await provider?.kill9();
  await cluster?.remove();
  await kafka?.stop();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`${cluster?.logs}\n--- provider ---\n${provider?.logs}`)));

test(
  'of two bridges one carries; the other goes on where it is killed or stopped, and none relieves one that carries',
  { timeout: 300_000 },
  async () => {
    const first = cluster!.bridge!;
    const second = await cluster!.join('bridge');
    let isOver = false;
    const consumer = new OrderingConsumer('ada', () => cluster!.nextClient, workspace);
    const ordering = consumer.orderUntil(() => isOver);
    ordering.catch(() => undefined);
    const moreDelivered = async (count: number): Promise<void> => {
      const enough = consumer.delivered + count;
      const delivered = untilTrue('more is delivered', () => consumer.delivered >= enough, { deadlineMs: 120_000 });
      await Promise.race([delivered, ordering.then(() => delivered)]);
    };

    await moreDelivered(2);
    expect(second.logs).not.toContain(carries);
    await killInMidst(first, 'bridge');
    await moreDelivered(2);
    expect(second.logs).toContain(carries);
    const before = first.logs.length;
    await first.start();
    await moreDelivered(2);
    expect(first.logs.slice(before)).not.toContain(carries);
    expect((await second.stop())?.code).toBe(0);
    await moreDelivered(2);
    expect(first.logs.slice(before)).toContain(carries);
    expect(cluster!.logs).not.toContain('another bridge has taken over');

    isOver = true;
    await ordering;
    await second.start();
    expect((await provider!.stop())?.code).toBe(0);
    expect(await cluster!.stop()).toEqual([]);
    const { all } = await expectWhole(url, cluster!.folder, workspace);
    expect(faultsOfWrites(consumer.ledger.writes, all)).toEqual([]);
  },
);
