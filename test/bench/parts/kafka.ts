import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchExport, instanceText } from '../bench-export.ts';
import { measureBusy } from '../busy.ts';
import { Child } from '../child.ts';
import { ConnectionPool } from '../connection-pool.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { milliseconds, spread } from '../latencies.ts';
import { atRate } from '../pace.ts';
import type { Bench } from '../part.ts';
import { ReadyWatch } from '../ready-watch.ts';
import { testKafka } from '../../servers/kafka.ts';

const perSecond = 100;
const p99GoalMs = 100;

/** From the moment an instance is sent, over a real broker to a provider that answers at once, until a watch shows it Ready. */
export async function kafka(bench: Bench): Promise<readonly Figure[]> {
  const broker = await testKafka();
  bench.atEnd(() => broker.stop());
  const server = await bench.startServer({ kafkaBrokers: broker.brokers });
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const workspace = await consumer.openBoundAccount('kafka');
  const provider = await startProvider(bench, broker.brokers);
  const pool = await ConnectionPool.open(server.address, 16);
  bench.atEnd(() => pool.close());
  const watch = await ReadyWatch.open(server, instancesPath(workspace));
  bench.atEnd(() => watch.close());

  let serial = 0;
  const apply = async (): Promise<void> => {
    const name = `bin-${String(serial++).padStart(8, '0')}`;
    watch.ordered(name);
    const { status, body } = await pool.send(() =>
      requestText(server, 'POST', instancesPath(workspace), instanceText(name, 'ordered over Kafka')),
    );
    if (status !== 201) throw new Error(`an order was answered ${status}: ${body.toString()}`);
  };
  await atRate(perSecond, bench.quick ? 100 : 500, apply);
  await watch.allReady(120_000);
  const busy = await measureBusy({ subject: server.pid, provider: provider.pid });
  await atRate(perSecond, bench.quick ? 200 : 2000, apply);
  const latencies = await watch.allReady();
  bench.note(`kafka: ${spread(latencies)}; ${await busy()}`);
  const p99 = latencies.percentile(99);
  return [
    {
      figure: `instance applied to Ready over Kafka, ${perSecond}/s`,
      measured: spread(latencies),
      floor: '',
      verdict: `p99 ${milliseconds(p99)}`,
      goal: `p99 ≤ ${p99GoalMs} ms`,
      met: p99 <= p99GoalMs,
    },
  ];
}

async function startProvider(bench: Bench, brokers: readonly string[]): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-provider-'));
  bench.atEnd(() => rm(folder, { recursive: true, force: true }));
  const file = resolve(import.meta.dirname, '../provider.ts');
  const child = await Child.start({
    file,
    arguments: [brokers.join(','), benchExport.metadata.name, 'httpbins'],
    outputFile: join(folder, 'output'),
  });
  bench.atEnd(() => child.stop());
  await child.hears();
  return child;
}
