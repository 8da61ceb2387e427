import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { allViews, CurrentView, leaveToNewer, rebuildView, resourcesView, runProjection, viewNames, ViewPositions } from '#projection';
import type { Leadership, ProjectionOptions, RunningProjection, View } from '#projection';
import { MemoryEventLog } from '#stream';
import { silentLogger } from '#telemetry';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
import { ViewWorld } from '../testing/view-world.ts';
import { PostgresLeadership } from './postgres-leadership.ts';
import { PostgresRebuild } from './postgres-rebuild.ts';
import { PostgresResources } from './postgres-resources.ts';
import { PostgresViewStore } from './postgres-view-store.ts';

const views = Object.values(allViews) as unknown as readonly View[];
const patient = { timeout: 30_000, interval: 5 };

async function given(seed = 1) {
  const { url } = await testPostgres();
  const dataSource = await openDataSource(url);
  onTestFinished(() => dataSource.destroy());
  const log = new MemoryEventLog();
  const store = new PostgresViewStore(dataSource);
  const run = (options: Partial<ProjectionOptions> = {}, which = views) => {
    const stopping = new AbortController();
    const running = which.map((view) => runProjection(view, { log, store, logger: silentLogger, signal: stopping.signal, ...options }));
    const stop = async (): Promise<void> => {
      stopping.abort();
      await Promise.allSettled(running.map((view) => view.ended));
    };
    onTestFinished(stop);
    return { running, stop };
  };
  const caughtUp = async (running: readonly RunningProjection[]): Promise<void> => {
    const head = await log.headOfAll();
    await Promise.all(running.map((view) => view.waitForPosition(head)));
  };
  const rowsOf = async (table: string): Promise<unknown[]> => {
    const rows = await dataSource.query<{ row: string }[]>(`SELECT t::text AS row FROM "${table}" t ORDER BY t::text COLLATE "C"`);
    return rows.map(({ row }) => row);
  };
  const rebuild = (view: View) => rebuildView(view, { log, store: new PostgresRebuild(dataSource), logger: silentLogger });
  return { url, dataSource, log, store, run, caughtUp, rowsOf, rebuild, world: new ViewWorld(log, seeded(seed)) };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of one view: the newer one calls everybody new. */
const old = allViews.accounts as unknown as View;
const twoVersions: readonly [View, View] = [
  old,
  {
    ...old,
    version: 2,
    changes: (placed) =>
      old
        .changes(placed)
        .map((change) => ('row' in change ? { ...change, row: { ...change.row, name: `new ${change.row['name'] as string}` } } : change)),
  },
];

describe('views that are made anew', () => {
  it('are what they were, row by row, whatever was gathered on the way', async () => {
    const { world, run, caughtUp, rowsOf, rebuild, dataSource } = await given();
    const { running } = run();
    for (let round = 0; round < 24; round++) {
      await world.happen(50);
      if (round % 4 === 0) await caughtUp(running);
    }
    await caughtUp(running);
    for (const view of views) {
      const incremental = await rowsOf(view.table);
      expect(incremental.length).toBeGreaterThan(view.table === 'catalogue' ? 0 : 3);
      const schema = await schemaOf(dataSource, view.table);
      expect(await rebuild(view)).toMatchObject({ type: 'rebuilt', events: 1_200 });
      expect(await rowsOf(view.table)).toEqual(incremental);
      expect(await schemaOf(dataSource, view.table)).toEqual(schema);
    }
    await world.happen(100);
    await caughtUp(running);
    expect(running.map(({ state }) => state)).toEqual(views.map(() => 'leading'));
  });

  it('are made anew by who leads them where their rows are of another version, once', async () => {
    const { world, run, caughtUp, rowsOf, dataSource, log } = await given(3);
    const store = new PostgresRebuild(dataSource);
    const [old, renewed] = twoVersions;
    expect(await store.version(renewed)).toBe(2);
    const before = run({}, [old]);
    await world.happen(400);
    await caughtUp(before.running);
    expect(await store.version(renewed)).toBe(1);
    const rows = await rowsOf('accounts');
    expect(rows.length).toBeGreaterThan(3);
    await before.stop();

    const { running } = run({}, [renewed]);
    const said: string[] = [];
    const logger = { ...silentLogger, info: (_: object, text: string) => void said.push(text) } as typeof silentLogger;
    const keeper = new CurrentView(renewed, running[0] as RunningProjection, { log, store, logger, signal: new AbortController().signal });
    await vi.waitFor(async () => {
      await keeper.look();
      expect(await store.version(renewed)).toBe(2);
    }, patient);
    expect((await rowsOf('accounts')).every((row) => String(row).includes('new '))).toBe(true);
    const times = (): number => said.filter((text) => text.startsWith('view is of another version')).length;
    expect(times()).toBe(1);
    await world.happen(50);
    await caughtUp(running);
    await keeper.look();
    expect(times()).toBe(1);
  });

  it('are served whole meanwhile, and miss nothing that happens meanwhile', async () => {
    const { world, run, caughtUp, rowsOf, rebuild, dataSource } = await given(2);
    const { running } = run({ gatherMs: 5 }, [resourcesView as unknown as View]);
    await world.happen(1_500);
    await caughtUp(running);
    const least = (await rowsOf('resources')).length / 2;
    const reading = new AbortController();
    const search = new PostgresResources(dataSource);
    const counts: number[] = [];
    const reader = (async () => {
      while (!reading.signal.aborted) counts.push(await search.count({ clusters: 'all' }));
    })();
    const writer = (async () => {
      while (!reading.signal.aborted) {
        await world.happen(10);
        await pause(1);
      }
    })();
    for (let round = 0; round < 2; round++) expect(await rebuild(resourcesView as unknown as View)).toMatchObject({ type: 'rebuilt' });
    reading.abort();
    await Promise.all([reader, writer]);
    expect(Math.min(...counts)).toBeGreaterThan(least);
    await caughtUp(running);
    const incremental = await rowsOf('resources');
    await rebuild(resourcesView as unknown as View);
    expect(await rowsOf('resources')).toEqual(incremental);
  });

  it('keep what was shown of those whose past the log has forgotten', async () => {
    const { world, run, caughtUp, rowsOf, rebuild, log } = await given(7);
    const { running } = run();
    await world.happen(600);
    await caughtUp(running);
    const before = await Promise.all(viewNames.map(rowsOf));
    for (const [stream, keep] of [
      ['account-c1', 1n],
      ['account-c2', 0n],
    ] as const)
      await log.truncate(stream, (await log.head(stream)) + 1n - keep);
    for (const view of views) expect(await rebuild(view)).toMatchObject({ type: 'rebuilt' });
    expect(await Promise.all(viewNames.map(rowsOf))).toEqual(before);
    await world.happen(100);
    await caughtUp(running);
  });

  it('are made by one process at a time', async () => {
    const { rebuild, dataSource, world } = await given(3);
    await world.happen(10);
    const next = await new PostgresRebuild(dataSource).next(resourcesView as unknown as View);
    expect(await rebuild(resourcesView as unknown as View)).toEqual({ type: 'busy' });
    await next?.close();
    expect(await rebuild(resourcesView as unknown as View)).toMatchObject({ type: 'rebuilt' });
  });
});

describe('views that processes of two versions keep, as while an upgrade is rolled out', () => {
  const side = async () => {
    const { url, dataSource, log, run, ...rest } = await given(8);
    const store = new PostgresRebuild(dataSource);
    /** A process of that version. `granted`: how often it could have led. */
    const start = (view: View, newerAwaitedMs: number) => {
      const own = new PostgresLeadership(url, silentLogger);
      let granted = 0;
      const counting: Leadership = {
        async lead(table, signal) {
          const lease = await own.lead(table, signal);
          if (lease) granted += 1;
          return lease;
        },
      };
      const leadership = leaveToNewer(counting, { views: [view], store, logger: silentLogger, newerAwaitedMs });
      const { running, stop } = run({ leadership }, [view]);
      const ending = new AbortController();
      const keeper = new CurrentView(view, running[0]!, { log, store, logger: silentLogger, signal: ending.signal });
      const looks = setInterval(() => void keeper.look(), 50);
      const end = async (): Promise<void> => {
        clearInterval(looks);
        ending.abort();
        await stop();
        await own.close();
      };
      onTestFinished(end);
      return { view: running[0]!, granted: () => granted, end };
    };
    const madeBy = (version: number): Promise<unknown> =>
      expect.poll(async () => (await store.made(old))?.version, { timeout: 30_000 }).toBe(version);
    return { log, start, madeBy, ...rest };
  };
  const [older, newer] = twoVersions;
  const reached = async ({ store, log }: Pick<Awaited<ReturnType<typeof side>>, 'store' | 'log'>): Promise<void> =>
    expect(await new ViewPositions(store, log).caughtUp('accounts', 30_000)).toEqual({ type: 'reached' });

  it('are left to the newer one, also while that is away for a moment', async () => {
    const house = await side();
    const { world, start, madeBy, rowsOf } = house;
    const first = start(older, 120_000);
    await world.happen(400);
    await reached(house);
    const upgraded = start(newer, 120_000);
    await first.end();
    await madeBy(2);
    const other = start(older, 120_000);
    await upgraded.end();
    // It may lead, and does not want to: once, and once more.
    await expect.poll(() => other.granted() >= 2 || other.view.state === 'leading', { timeout: 30_000 }).toBe(true);
    expect(other.view.state).toBe('standby');
    const again = start(newer, 120_000);
    await expect.poll(() => again.view.state, { timeout: 30_000 }).toBe('leading');
    await world.happen(200);
    await reached(house);
    expect((await house.store.state('accounts')).failure).toBe(null);
    const rows = await rowsOf('accounts');
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.every((row) => String(row).includes('new '))).toBe(true);
  });

  it('are made anew by the older one where no newer one comes any more: the upgrade was taken back', async () => {
    const house = await side();
    const { world, start, madeBy, rowsOf } = house;
    const first = start(older, 120_000);
    await world.happen(400);
    await reached(house);
    await first.end();
    const upgraded = start(newer, 120_000);
    await madeBy(2);
    await upgraded.end();
    start(older, 1_500);
    await madeBy(1);
    await world.happen(100);
    await reached(house);
    expect((await rowsOf('accounts')).some((row) => String(row).includes('new '))).toBe(false);
  });
});

async function schemaOf(dataSource: Awaited<ReturnType<typeof openDataSource>>, table: string): Promise<unknown> {
  const [columns, indexes, constraints, options] = await Promise.all([
    dataSource.query(
      'SELECT column_name, data_type, is_nullable, column_default, collation_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position',
      [table],
    ),
    dataSource.query('SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1 ORDER BY indexname', [table]),
    dataSource.query(
      `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`,
      [`"${table}"`],
    ),
    dataSource.query('SELECT reloptions FROM pg_class WHERE oid = $1::regclass', [`"${table}"`]),
  ]);
  return { columns, indexes, constraints, options } as unknown;
}

describe('views that several processes keep', () => {
  it('show an event once, however often it is applied', async () => {
    const { world, run, caughtUp, rowsOf, dataSource } = await given(4);
    const first = run();
    await world.happen(1_000);
    await caughtUp(first.running);
    await first.stop();
    const before = await Promise.all(viewNames.map(rowsOf));
    await dataSource.query('UPDATE view_states SET position = position / 2');
    const second = run();
    await caughtUp(second.running);
    expect(await Promise.all(viewNames.map(rowsOf))).toEqual(before);
  });

  it('are written by the newest leader only', async () => {
    const { store, rowsOf } = await given();
    const old = await store.lead('workspaces');
    const { epoch } = await store.lead('workspaces');
    const put = (cluster: string) => ({ type: 'put', row: { cluster, path: 'root', parent: null, closing: false, position: 1n } }) as const;
    const drop = { type: 'drop', where: { path: 'elsewhere' } } as const;
    expect(await store.apply(allViews.workspaces, [put('a')], { epoch: old.epoch, position: 9n })).toBe('overtaken');
    expect(await store.apply(allViews.workspaces, [put('a'), drop, put('b')], { epoch: old.epoch, position: 9n })).toBe('overtaken');
    expect(await store.state('workspaces')).toEqual({ position: 0n, failure: null });
    expect(await store.apply(allViews.workspaces, [drop, put('b')], { epoch, position: 2n })).toBe('applied');
    expect(await rowsOf('workspaces')).toEqual(['(b,root,,f,1)']);
    await store.stop('workspaces', old.epoch, 'an old leader’s trouble');
    expect(await store.failures()).toEqual([]);
    await store.stop('workspaces', epoch, 'trouble');
    expect(await store.failures()).toEqual([{ table: 'workspaces', failure: 'trouble' }]);
    expect(await store.lead('workspaces')).toEqual({ epoch: epoch + 1n, position: 2n });
    expect(await store.failures()).toEqual([]);
  });

  // Fourteen views over three connections: on a machine that is asked for fifteen times what it can do, it takes most of a minute.
  it('have one leader each, and another when that one dies', async () => {
    const { url, world, run, dataSource, log, store } = await given(5);
    const leaderships: PostgresLeadership[] = [];
    const leadership = (): Leadership => {
      const made = new PostgresLeadership(url, silentLogger);
      leaderships.push(made);
      onTestFinished(() => made.close());
      return made;
    };
    const [one, other] = [run({ leadership: leadership() }), run({ leadership: leadership() })];
    await world.happen(200);
    const positions = new ViewPositions(store, log);
    for (const name of viewNames) expect(await positions.caughtUp(name, 60_000)).toEqual({ type: 'reached' });
    for (const [index] of views.entries()) {
      const states = [one.running[index]?.state, other.running[index]?.state].sort();
      expect(states).toEqual(['leading', 'standby']);
    }
    // The death of a connection, as a process's own: its locks go.
    await dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tributary leader' AND datname = current_database()`,
    );
    await vi.waitFor(
      () => expect([...one.running, ...other.running].filter(({ state }) => state === 'leading')).toHaveLength(views.length),
      { ...patient, timeout: 60_000 },
    );
    await one.stop();
    await leaderships[0]?.close();
    await world.happen(200);
    for (const name of viewNames) expect(await positions.caughtUp(name, 60_000)).toEqual({ type: 'reached' });
    expect(other.running.map(({ state }) => state)).toEqual(views.map(() => 'leading'));
  }, 240_000);

  it('stop one by one: the others go on, and everyone is told which', async () => {
    const { world, run, log, store, dataSource } = await given(6);
    // What the table refuses, whatever it is.
    await dataSource.query('ALTER TABLE accounts ADD CONSTRAINT poison CHECK (position < 50)');
    const { running } = run();
    await world.happen(300);
    const positions = new ViewPositions(store, log);
    expect(await positions.caughtUp('resources', 30_000)).toEqual({ type: 'reached' });
    expect(await positions.caughtUp('accounts', 30_000)).toMatchObject({
      type: 'behind',
      failure: expect.stringMatching(/^the view accounts cannot show \w+ at position \d+ /) as string,
    });
    expect(running.filter(({ state }) => state === 'stopped').map(({ table }) => table)).toEqual(['accounts']);
    expect(await store.failures()).toMatchObject([{ table: 'accounts' }]);
  });
});
