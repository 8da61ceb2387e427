import { instanceText } from '../bench-export.ts';
import { measureBusy } from '../busy.ts';
import { openStream } from '../connection.ts';
import { ConnectionPool } from '../connection-pool.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { atRate, until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { stamp, stampScanner } from '../stamp.ts';

type Watching = { readonly watchers: number; readonly writesPerSecond: number; readonly p99GoalMs: number };

export const watch = (bench: Bench): Promise<readonly Figure[]> => measure(bench, { watchers: 100, writesPerSecond: 500, p99GoalMs: 10 });

/** Many that watch one workspace. */
export const crowd = (bench: Bench): Promise<readonly Figure[]> =>
  measure(bench, { watchers: bench.quick ? 200 : 1_000, writesPerSecond: 200, p99GoalMs: 100 });

/** From the moment a write is sent until a watcher has its event. One process writes and watches, so there is one clock. */
async function measure(bench: Bench, { watchers, writesPerSecond, p99GoalMs }: Watching): Promise<readonly Figure[]> {
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const workspace = await consumer.openBoundAccount('watch');
  const pool = await ConnectionPool.open(server.address, 32);
  bench.atEnd(() => pool.close());
  let latencies = new Latencies();
  for (let watcher = 0; watcher < watchers; watcher++) {
    const scan = stampScanner((sentAt) => latencies.push(performance.now() - sentAt));
    const stream = await openStream(server.address, requestText(server, 'GET', `${instancesPath(workspace)}?watch=1`), scan);
    bench.atEnd(() => stream.close());
  }

  let serial = 0;
  const writes = new Latencies();
  const write = async (): Promise<void> => {
    const name = `bin-${String(serial++).padStart(8, '0')}`;
    const sentAt = performance.now();
    const { status, body } = await pool.send(() =>
      requestText(server, 'POST', instancesPath(workspace), instanceText(name, stamp(performance.now()))),
    );
    if (status !== 201) throw new Error(`a write was answered ${status}: ${body.toString()}`);
    writes.push(performance.now() - sentAt);
  };
  const delivered = async (count: number): Promise<void> => {
    latencies = new Latencies();
    await atRate(writesPerSecond, count, write);
    await until(`${count} events reach ${watchers} watchers`, () => latencies.count >= count * watchers || undefined, 30_000);
  };

  await delivered(writesPerSecond * (bench.quick ? 1 : 4));
  const busy = await measureBusy({ subject: server.pid });
  await delivered(writesPerSecond * (bench.quick ? 2 : 10));
  bench.note(`watch: ${spread(latencies)} over ${latencies.count} events; the writes themselves ${spread(writes)}; ${await busy()}`);
  const p99 = latencies.percentile(99);
  return [
    {
      figure: `write to watch event, ${watchers} watchers, ${writesPerSecond} writes/s`,
      measured: spread(latencies),
      floor: '',
      verdict: `p99 ${milliseconds(p99)}`,
      goal: `p99 ≤ ${p99GoalMs} ms`,
      met: p99 <= p99GoalMs,
    },
  ];
}
