import { randomUUID } from 'node:crypto';
import { ConnectionPool } from '../connection-pool.ts';
import { accountOf, accountsPath, Consumer, quiet, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { Load } from '../load.ts';
import { until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { residentMegabytes, settledMegabytes } from '../resident.ts';
import { inStore, mapEvent, passedByAll, type Stored } from '../stored-events.ts';
import type { TributaryServer } from '../tributary-server.ts';

const goals = { perSecond: 300, megabytes: 600, coldMs: 30, startMs: 3_000 };
const objectsEach = 10;
const accountsPerOrg = 1_000;
const coldGets = 3_000;
const extrapolated = 1_000_000;

/** Many accounts in one server: how fast they come, what they cost it, and how fast one is there that nobody has asked for in a long time. */
export async function density(bench: Bench): Promise<readonly Figure[]> {
  const accounts = bench.accounts ?? (bench.quick ? 1_000 : 100_000);
  const orgs = Math.max(5, Math.ceil(accounts / accountsPerOrg));
  let server = await bench.startServer();
  const atStart = await residentMegabytes(server.pid);
  const perSecond = await createAccounts(server, { accounts, orgs });
  const whenCreated = await residentMegabytes(server.pid);
  await server.stop();
  const kept = await inStore(server.folder, fillAccounts);
  server = await bench.startServer({ folder: server.folder, port: server.address.port });
  const { startedInMs } = server;
  const consumer = await Consumer.of(server);
  await quiet(consumer, '/clusters/root:orgs/api/v1/namespaces/default/configmaps/kube-root-ca.crt');
  consumer.close();
  const { latencies, failed } = await coldAccounts(server, kept.accounts);
  const busy = await residentMegabytes(server.pid);
  const settled = await settledMegabytes(server.pid, bench.quick ? 1_500 : 45_000);
  const most = Math.max(whenCreated, busy, settled);
  const bytesEach = kept.bytes / accounts;
  bench.note(
    `density: ${accounts} accounts in ${orgs} organisations, ${objectsEach} objects each; RSS ${atStart.toFixed(0)} MB after the first start, ${whenCreated.toFixed(0)} MB when all were Ready, ${busy.toFixed(0)} MB after ${latencies.count} cold accounts, ${settled.toFixed(0)} MB settled; ${(bytesEach / 1024).toFixed(1)} KB of database per account; ${failed} cold GETs failed`,
  );
  bench.note(
    `density, extrapolated and not measured, for ${extrapolated} accounts: ${((bytesEach * extrapolated) / 1e9).toFixed(0)} GB of database, ${(extrapolated / perSecond / 60).toFixed(0)} minutes to create; memory and start should grow with the accounts that are used at the same time, not with those that exist`,
  );
  const figure = (what: string, rest: Omit<Figure, 'figure' | 'floor'>): Figure => ({
    figure: `${accounts} accounts: ${what}`,
    floor: '',
    ...rest,
  });
  const p99 = latencies.percentile(99);
  return [
    figure('created until Ready', {
      measured: `${perSecond.toFixed(0)}/s`,
      verdict: `${perSecond.toFixed(0)}/s`,
      goal: `≥ ${goals.perSecond}/s`,
      met: perSecond >= goals.perSecond,
    }),
    figure('memory of the server', {
      measured: `RSS at most ${most.toFixed(0)} MB, ${settled.toFixed(0)} MB settled`,
      verdict: `${most.toFixed(0)} MB`,
      goal: `≤ ${goals.megabytes} MB`,
      met: most <= goals.megabytes,
    }),
    figure('first GET of a cold account', {
      measured: spread(latencies),
      verdict: `p99 ${milliseconds(p99)}`,
      goal: `p99 ≤ ${goals.coldMs} ms`,
      met: p99 <= goals.coldMs && failed === 0,
    }),
    figure('start', {
      measured: milliseconds(startedInMs),
      verdict: milliseconds(startedInMs),
      goal: `≤ ${goals.startMs / 1000} s`,
      met: startedInMs <= goals.startMs,
    }),
  ];
}

const orgName = (index: number): string => `org-${index}`;
const orgWorkspace = (index: number): string => `root:orgs:${orgName(index)}`;

/** Answers how many came per second, from the first order until the last one was Ready. */
async function createAccounts(
  server: TributaryServer,
  { accounts, orgs }: { readonly accounts: number; readonly orgs: number },
): Promise<number> {
  const consumer = await Consumer.of(server);
  for (let org = 0; org < orgs; org++) await consumer.openAccount('root:orgs', orgName(org), 'org');
  consumer.close();
  const next = (_: number, serial: number): string =>
    requestText(server, 'POST', accountsPath(orgWorkspace(serial % orgs)), JSON.stringify(accountOf(`account-${serial}`, 'account')));
  const began = performance.now();
  const load = await Load.open(server.address, 32, next);
  await load.send(accounts);
  load.close();
  const watcher = await Consumer.of(server);
  // Accounts of one organisation get Ready in the order in which they came, or nearly so.
  for (let serial = accounts - 1; serial >= 0 && serial >= accounts - 10 * orgs; serial--) await ready(watcher, serial, orgs);
  const seconds = (performance.now() - began) / 1000;
  watcher.close();
  return accounts / seconds;
}

async function ready(consumer: Consumer, serial: number, orgs: number): Promise<void> {
  const path = `${accountsPath(orgWorkspace(serial % orgs))}/account-${serial}`;
  await until(
    `account-${serial} is Ready`,
    async () => ((await consumer.ask('GET', path)).body.toString().includes('"reason":"Provisioned"') ? true : undefined),
    600_000,
  );
}

type Account = { readonly path: string; readonly cluster: string };

/** Puts objects into every account, straight into the log. */
async function fillAccounts(stored: Stored): Promise<{ readonly accounts: readonly Account[]; readonly bytes: number }> {
  const { log, ask } = stored;
  const streams = await ask<{ path: string; cluster: string; revision: string }>(
    `SELECT path, cluster, revision FROM workspaces JOIN stream_heads ON stream = 'account-' || cluster WHERE path LIKE 'root:orgs:%:%'`,
  );
  const groupSize = 500;
  for (let first = 0; first < streams.length; first += groupSize)
    await Promise.all(
      streams.slice(first, first + groupSize).map(async ({ cluster, revision }) => {
        const head = BigInt(revision);
        const events = Array.from({ length: objectsEach }, (_, index) =>
          mapEvent('ResourceDeclared', { cluster, index, uid: randomUUID(), revision: head + 1n + BigInt(index) }),
        );
        const result = await log.append(`account-${cluster}`, head, events);
        if (result.type === 'conflict') throw new Error(`somebody else writes to ${cluster}`);
      }),
    );
  await passedByAll(stored);
  const [size] = await ask<{ bytes: string }>(`SELECT pg_database_size(current_database()) AS bytes`);
  return { accounts: streams, bytes: Number(size?.bytes ?? 0) };
}

/** Asks for one object of each of many accounts, a few at a time. */
async function coldAccounts(
  server: TributaryServer,
  accounts: readonly Account[],
): Promise<{ readonly latencies: Latencies; readonly failed: number }> {
  const latencies = new Latencies();
  const pool = await ConnectionPool.open(server.address, 2);
  const step = Math.max(1, Math.floor(accounts.length / coldGets));
  const asked = accounts.filter((_, index) => index % step === 0);
  let failed = 0;
  let next = 0;
  const ask = async (): Promise<void> => {
    for (let account = asked[next++]; account; account = asked[next++]) {
      const path = `/clusters/${account.path}/api/v1/namespaces/default/configmaps/map-000003`;
      const began = performance.now();
      const { status } = await pool.send(() => requestText(server, 'GET', path));
      latencies.push(performance.now() - began);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all([ask(), ask()]);
  pool.close();
  return { latencies, failed };
}
