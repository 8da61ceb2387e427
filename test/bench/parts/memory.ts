import { accountOf, accountsPath, Consumer, orgPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Load } from '../load.ts';
import { until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { residentMegabytes, settledMegabytes } from '../resident.ts';

const goalMegabytes = 300;

type AccountList = {
  readonly items: readonly { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }[];
};

/** What the server keeps in memory for accounts that nobody uses. PostgreSQL is not counted. */
export async function memory(bench: Bench): Promise<readonly Figure[]> {
  const accounts = bench.quick ? 500 : 10_000;
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const atStart = await residentMegabytes(server.pid);
  const load = await Load.open(server.address, 32, (_, serial) =>
    requestText(server, 'POST', accountsPath(orgPath), JSON.stringify(accountOf(`account-${serial}`, 'account'))),
  );
  const { seconds } = await load.send(accounts);
  load.close();
  await until('all accounts are Ready', async () => ((await readyCount(consumer)) >= accounts ? true : undefined), 300_000);
  const loaded = await residentMegabytes(server.pid);
  // Longer than the server keeps an unused account; in a hurry, than it takes to give back the garbage of a busy moment.
  const settled = await settledMegabytes(server.pid, bench.quick ? 15_000 : 60_000);
  bench.note(
    `memory: ${atStart.toFixed(0)} MB after the start, ${loaded.toFixed(0)} MB when ${accounts} accounts were Ready (${(accounts / seconds).toFixed(0)} created/s), ${settled.toFixed(0)} MB settled`,
  );
  return [
    {
      figure: `memory of the server with ${accounts} idle accounts`,
      measured: `RSS ${settled.toFixed(0)} MB`,
      floor: `${atStart.toFixed(0)} MB without them`,
      verdict: `${settled.toFixed(0)} MB`,
      goal: `≤ ${goalMegabytes} MB`,
      met: settled <= goalMegabytes,
    },
  ];
}

async function readyCount(consumer: Consumer): Promise<number> {
  const { items } = JSON.parse((await consumer.ask('GET', accountsPath(orgPath))).body.toString()) as AccountList;
  return items.filter(({ status }) => status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True')).length;
}
