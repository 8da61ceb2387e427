import { Consumer, orgPath, quiet } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { inStore, passedByAll, writeHistory } from '../stored-events.ts';
import type { TributaryServer } from '../tributary-server.ts';

const goalMs = 300;
const loads = 5;

/** The first request to an account with a long history: what loading it takes, from its snapshot and the events behind that. */
export async function history(bench: Bench): Promise<readonly Figure[]> {
  const [objects, events] = bench.quick ? [1_000, 10_000] : [10_000, 1_000_000];
  let server = await bench.startServer();
  const workspace = `${orgPath}:deep`;
  const cluster = await openDeep(server);
  await server.stop();
  const began = performance.now();
  await inStore(server.folder, async (stored) => {
    await writeHistory(stored, { cluster, objects, events });
    await passedByAll(stored);
  });
  const writtenPerSecond = events / ((performance.now() - began) / 1000);
  server = await bench.startServer({ folder: server.folder, port: server.address.port });
  const withoutSnapshot = await foldedFromTheLog(server, workspace);
  const latencies = new Latencies();
  // As many as there may be before the next snapshot is taken.
  const tail = Math.min(events / 20, 1_800);
  for (let load = 0; load < loads; load++) {
    await server.stop();
    await inStore(server.folder, async (stored) => {
      await writeHistory(stored, { cluster, objects: 10, events: tail });
      await passedByAll(stored);
    });
    server = await bench.startServer({ folder: server.folder, port: server.address.port });
    latencies.push(await firstGet(server, workspace));
  }
  bench.note(
    `history: ${writtenPerSecond.toFixed(0)} events/s written through the log's port; the one load without a snapshot took ${milliseconds(withoutSnapshot)}; each other had ${tail} events behind its snapshot`,
  );
  const worst = latencies.percentile(100);
  return [
    {
      figure: `loading an account of ${objects} objects and ${events} events, first GET, ${loads} ×`,
      measured: spread(latencies),
      floor: `${milliseconds(withoutSnapshot)} without a snapshot`,
      verdict: `max ${milliseconds(worst)}`,
      goal: `≤ ${goalMs} ms`,
      met: worst <= goalMs,
    },
  ];
}

async function openDeep(server: TributaryServer): Promise<string> {
  const consumer = await Consumer.of(server);
  await consumer.openHouse();
  await consumer.openAccount(orgPath, 'deep', 'account');
  const { body } = await consumer.ask('GET', `/clusters/${orgPath}/apis/core.platform-mesh.io/v1alpha1/accounts/deep`);
  consumer.close();
  return (JSON.parse(body.toString()) as { readonly status: { readonly cluster: string } }).status.cluster;
}

/** A million events take longer than a request may: whoever asks again meanwhile finds the account loaded in the end. */
async function foldedFromTheLog(server: TributaryServer, workspace: string): Promise<number> {
  const began = performance.now();
  await until('the account is loaded', () => firstGet(server, workspace).catch(() => undefined), 600_000);
  return performance.now() - began;
}

/** The account above is loaded before: what is measured is this one. */
async function firstGet(server: TributaryServer, workspace: string): Promise<number> {
  const consumer = await Consumer.of(server);
  await quiet(consumer, `/clusters/${orgPath}/api/v1/namespaces/default/configmaps/kube-root-ca.crt`);
  const began = performance.now();
  await consumer.ask('GET', `/clusters/${workspace}/api/v1/namespaces/default/configmaps/map-000007`);
  const took = performance.now() - began;
  consumer.close();
  return took;
}
