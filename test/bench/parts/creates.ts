import { instanceText } from '../bench-export.ts';
import { measureBusy } from '../busy.ts';
import { Consumer, instancesPath, requestText, type Target } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Floor } from '../floor.ts';
import { milliseconds, spread } from '../latencies.ts';
import { compare, Load, perSecond, type NextRequest } from '../load.ts';
import type { Bench } from '../part.ts';

const connections = 64;
const ratioGoal = 0.5;
const p99GoalMs = 30;

/** Durable creates of a custom resource, against the same appends by a bare server. */
export async function creates(bench: Bench): Promise<readonly Figure[]> {
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const floor = await Floor.start(server, { withLog: true });
  bench.atEnd(() => floor.remove());

  const figures: Figure[] = [];
  for (const workspaces of [1, connections]) {
    const paths: string[] = [];
    for (let index = 0; index < workspaces; index++) paths.push(await consumer.openBoundAccount(`creates-${workspaces}-${index}`));
    const loads = {
      subject: await Load.open(server.address, connections, createIn(server, paths)),
      floor: await Load.open(floor.address, connections, createIn({ address: floor.address, token: server.token }, paths)),
    };
    const busy = await measureBusy({ subject: server.pid, floor: floor.pid });
    const { subject, floor: bare } = await compare(loads, bench.quick ? { rounds: 2, seconds: 0.6 } : { rounds: 4, seconds: 4 });
    loads.subject.close();
    loads.floor.close();
    const where = workspaces === 1 ? 'one workspace' : `${workspaces} workspaces`;
    bench.note(`creates in ${where}: ${spread(subject.latencies)}; floor ${spread(bare.latencies)}; over both: ${await busy()}`);
    const ratio = perSecond(subject) / perSecond(bare);
    const p99 = subject.latencies.percentile(99);
    figures.push(
      {
        figure: `durable creates, ${connections} connections, ${where}`,
        measured: `${perSecond(subject).toFixed(0)}/s`,
        floor: `${perSecond(bare).toFixed(0)}/s`,
        verdict: `ratio ${ratio.toFixed(2)}`,
        goal: `≥ ${ratioGoal}`,
        met: ratio >= ratioGoal,
      },
      {
        figure: `latency of these creates, ${where}`,
        measured: spread(subject.latencies),
        floor: `p99 ${milliseconds(bare.latencies.percentile(99))}`,
        verdict: `p99 ${milliseconds(p99)}`,
        goal: `p99 ≤ ${p99GoalMs} ms`,
        met: p99 <= p99GoalMs,
      },
    );
  }
  return figures;
}

/** Each connection stays with one workspace; names never repeat. */
function createIn(target: Target, paths: readonly string[]): NextRequest {
  return (connection, serial) => {
    const path = instancesPath(paths[connection % paths.length] ?? '');
    return requestText(target, 'POST', path, instanceText(`bin-${String(serial).padStart(8, '0')}`, 'ordered by the benchmark'));
  };
}
