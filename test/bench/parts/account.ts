import { measureBusy } from '../busy.ts';
import { ConnectionPool } from '../connection-pool.ts';
import { accountOf, accountsPath, Consumer, orgPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { milliseconds, spread } from '../latencies.ts';
import { atRate } from '../pace.ts';
import type { Bench } from '../part.ts';
import { ReadyWatch } from '../ready-watch.ts';

const perSecond = 100;
const p99GoalMs = 50;

/** From the moment an Account is sent until a watch shows it Ready. */
export async function account(bench: Bench): Promise<readonly Figure[]> {
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const pool = await ConnectionPool.open(server.address, 16);
  bench.atEnd(() => pool.close());
  const watch = await ReadyWatch.open(server, accountsPath(orgPath));
  bench.atEnd(() => watch.close());

  let serial = 0;
  const apply = async (): Promise<void> => {
    const name = `account-${serial++}`;
    watch.ordered(name);
    const { status, body } = await pool.send(() =>
      requestText(server, 'POST', accountsPath(orgPath), JSON.stringify(accountOf(name, 'account'))),
    );
    if (status !== 201) throw new Error(`an account was answered ${status}: ${body.toString()}`);
  };
  await atRate(perSecond, bench.quick ? 50 : 200, apply);
  await watch.allReady();
  const busy = await measureBusy({ subject: server.pid });
  await atRate(perSecond, bench.quick ? 200 : 2000, apply);
  const latencies = await watch.allReady();
  bench.note(`account: ${spread(latencies)}; ${await busy()}`);
  const p99 = latencies.percentile(99);
  return [
    {
      figure: `Account applied to Ready, ${perSecond}/s`,
      measured: spread(latencies),
      floor: '',
      verdict: `p99 ${milliseconds(p99)}`,
      goal: `p99 ≤ ${p99GoalMs} ms`,
      met: p99 <= p99GoalMs,
    },
  ];
}
