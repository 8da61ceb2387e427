import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate, openDataSource, PostgresEventLog, PostgresRebuild, PostgresViewStore, startEmbeddedPostgres } from '#adapter-postgres';
import { allViews, rebuildView, runProjection, type RunningProjection, type View } from '#projection';
import { silentLogger } from '#telemetry';
import type { Figure } from '../figure.ts';
import { InstanceEvents } from '../instance-events.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import type { Bench } from '../part.ts';

const rebuildGoal = 20_000;
const lagGoalMs = 100;
const writesPerSecond = 2_000;
/** As `npm start` has it. */
const gatherMs = 50;
const views = Object.values(allViews) as unknown as readonly View[];

/** How fast views are made anew, and how far they are behind while much is written. */
export async function viewsPart(bench: Bench): Promise<readonly Figure[]> {
  const place = await prepare(bench);
  const accounts = Array.from({ length: 50 }, (_, index) => new InstanceEvents(`bench-${index}`));
  const events = bench.quick ? 10_000 : 100_000;
  for (let written = 0; written < events;) written += await write(place.log, accounts[(written / 100) % accounts.length], 100);
  return [...(await rebuilds(bench, place)), await lag(bench, place, accounts)];
}

type Place = Awaited<ReturnType<typeof prepare>>;

async function prepare(bench: Bench) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-views-'));
  bench.atEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ folder, log: silentLogger });
  bench.atEnd(() => server.stop());
  const dataSource = await openDataSource(server.url);
  bench.atEnd(() => dataSource.destroy());
  await migrate(dataSource);
  const log = await PostgresEventLog.open({ url: server.url, soleWriter: true });
  bench.atEnd(() => log.close());
  return { dataSource, log };
}

async function write(log: Place['log'], account: InstanceEvents | undefined, count: number): Promise<number> {
  if (!account) throw new Error('no account to write to');
  const expected = account.revision;
  const outcome = await log.append(
    account.stream,
    expected,
    Array.from({ length: count }, () => account.next()),
  );
  if (outcome.type === 'conflict') throw new Error('somebody else writes to the log of the benchmark');
  return count;
}

async function rebuilds(bench: Bench, { log, dataSource }: Place): Promise<Figure[]> {
  const store = new PostgresRebuild(dataSource);
  const rates: [view: string, perSecond: number][] = [];
  let seconds = 0;
  for (const view of views) {
    const began = performance.now();
    const outcome = await rebuildView(view, { log, store, logger: silentLogger });
    if (outcome.type === 'busy') throw new Error('somebody else rebuilds a view of the benchmark');
    const took = (performance.now() - began) / 1000;
    seconds += took;
    rates.push([view.table, outcome.events / took]);
  }
  bench.note(
    `views made anew: ${rates.map(([view, rate]) => `${view} ${rate.toFixed(0)} events/s`).join(', ')}; all in ${seconds.toFixed(1)} s`,
  );
  const slowest = rates.reduce((some, other) => (some[1] < other[1] ? some : other));
  return [
    {
      figure: `making a view anew, the slowest (${slowest[0]})`,
      measured: `${slowest[1].toFixed(0)} events/s`,
      floor: '',
      verdict: `${slowest[1].toFixed(0)} events/s`,
      goal: `≥ ${rebuildGoal} events/s`,
      met: slowest[1] >= rebuildGoal,
    },
  ];
}

/** From the moment in which a write is durable to that in which every view has it. */
async function lag(bench: Bench, { log, dataSource }: Place, accounts: readonly InstanceEvents[]): Promise<Figure> {
  const stopping = new AbortController();
  const options = { log, store: new PostgresViewStore(dataSource), logger: silentLogger, signal: stopping.signal, gatherMs };
  const running = views.map((view) => runProjection(view, options));
  const head = await log.headOfAll();
  await Promise.all(running.map((view) => view.waitForPosition(head)));
  const watch = new LagWatch(running);
  const seconds = bench.quick ? 3 : 15;
  const perTurn = 10;
  const began = performance.now();
  const appends: Promise<void>[] = [];
  for (let written = 0; written < seconds * writesPerSecond; written += perTurn) {
    const due = began + (written / writesPerSecond) * 1000;
    if (due > performance.now()) await pause(due - performance.now());
    const account = accounts[(written / perTurn) % accounts.length];
    appends.push(write(log, account, perTurn).then(async () => watch.written(await log.headOfAll())));
    if (appends.length >= accounts.length) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
  const rate = (seconds * writesPerSecond) / ((performance.now() - began) / 1000);
  await watch.end();
  stopping.abort();
  await Promise.all(running.map((view) => view.ended));
  const p99 = watch.lags.percentile(99);
  return {
    figure: `lag of all ${views.length} views at ${rate.toFixed(0)} writes/s`,
    measured: spread(watch.lags),
    floor: '',
    verdict: `p99 ${milliseconds(p99)}`,
    goal: `p99 ≤ ${lagGoalMs} ms at ${writesPerSecond}/s`,
    met: p99 <= lagGoalMs && rate >= writesPerSecond * 0.98,
  };
}

/** Looks at the views every millisecond; nobody waits for them, which would hurry them. */
class LagWatch {
  readonly lags = new Latencies();
  readonly #views: readonly RunningProjection[];
  #waiting: { readonly position: bigint; readonly at: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(views: readonly RunningProjection[]) {
    this.#views = views;
    this.#timer = setInterval(() => this.#look(), 1);
  }

  written(position: bigint): void {
    this.#waiting.push({ position, at: performance.now() });
  }

  async end(): Promise<void> {
    while (this.#waiting.length > 0) await pause(5);
    clearInterval(this.#timer);
  }

  #look(): void {
    const reached = this.#views.reduce((least, { position }) => (position < least ? position : least), this.#views[0]?.position ?? 0n);
    const now = performance.now();
    this.#waiting = this.#waiting.filter(({ position, at }) => {
      if (position > reached) return true;
      this.lags.push(now - at);
      return false;
    });
  }
}
