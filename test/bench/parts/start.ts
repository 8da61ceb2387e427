import { instanceText } from '../bench-export.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds } from '../latencies.ts';
import { Load } from '../load.ts';
import type { Bench } from '../part.ts';
import type { TributaryServer } from '../tributary-server.ts';

const coldGoalMs = 5000;
const warmGoalMs = 2000;
/** Two starts of the same thing differ by this much here without any reason of ours. */
const noise = 1.15;

/** From the start of the process to the first answer to an authenticated request. */
export async function start(bench: Bench): Promise<readonly Figure[]> {
  const starts = bench.quick ? 1 : 5;
  const cold = new Latencies();
  let server = await bench.startServer();
  for (cold.push(server.startedInMs); cold.count < starts; cold.push(server.startedInMs)) {
    await server.remove();
    server = await bench.startServer();
  }
  const warm = new Latencies();
  server = await restart(bench, server, { starts, latencies: warm });
  const events = bench.quick ? 3_000 : 100_000;
  await record(server, events);
  const withHistory = new Latencies();
  await restart(bench, server, { starts, latencies: withHistory });
  const [before, after] = [warm.percentile(50), withHistory.percentile(50)];
  return [
    row('cold start, initdb included', cold, coldGoalMs),
    row('warm start', warm, warmGoalMs),
    {
      ...row(`warm start after ${events} events`, withHistory, warmGoalMs),
      floor: `${milliseconds(before)} without them`,
      verdict: `ratio of medians ${(after / before).toFixed(2)}`,
      goal: `not slower (≤ ${noise})`,
      met: after <= before * noise,
    },
  ];
}

const row = (figure: string, latencies: Latencies, goalMs: number): Figure => ({
  figure: `${figure}, ${latencies.count} ×`,
  measured: `p50 ${milliseconds(latencies.percentile(50))}`,
  floor: '',
  verdict: `max ${milliseconds(latencies.percentile(100))}`,
  goal: `≤ ${goalMs / 1000} s`,
  met: latencies.percentile(100) <= goalMs,
});

type Restarts = { readonly starts: number; readonly latencies: Latencies };

/** Ends it and starts it on its folder again. */
async function restart(bench: Bench, server: TributaryServer, { starts, latencies }: Restarts): Promise<TributaryServer> {
  let running = server;
  for (let round = 0; round < starts; round++) {
    await running.stop();
    running = await bench.startServer({ folder: running.folder, port: running.address.port });
    latencies.push(running.startedInMs);
  }
  return running;
}

async function record(server: TributaryServer, events: number): Promise<void> {
  const consumer = await Consumer.of(server);
  await consumer.openHouse();
  const workspaces: string[] = [];
  for (let index = 0; index < 16; index++) workspaces.push(await consumer.openBoundAccount(`start-${index}`));
  const next = (connection: number, serial: number): string =>
    requestText(
      server,
      'POST',
      instancesPath(workspaces[connection % workspaces.length] ?? ''),
      instanceText(`bin-${String(serial).padStart(8, '0')}`, 'history'),
    );
  const load = await Load.open(server.address, 64, next);
  await load.send(events);
  load.close();
  consumer.close();
}
