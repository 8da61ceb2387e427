import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import pg from 'pg';
import { LogUnavailable, noRevision } from '#stream';
import { collect, events, Gathering } from '#testing/stream';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

async function openLog(url: string, patienceMs = 5_000, soleWriter = false): Promise<PostgresEventLog> {
  const log = await PostgresEventLog.open({ url, patienceMs, soleWriter });
  onTestFinished(() => log.close());
  return log;
}

async function given(patienceMs?: number) {
  const { url } = await testPostgres();
  const log = await openLog(url, patienceMs);
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  onTestFinished(() => admin.end());
  return { url, log, admin };
}

/** Ends every connection of the log, as a restart of the server or a firewall would. */
const cutAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tributary %' AND datname = current_database()`;

/** A way to the server that can be cut, also between a commit and its answer. */
async function cuttableWay(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let swallow = false;
  let closed = false;
  const server = createServer((near) => {
    if (closed) {
      near.on('error', () => undefined).destroy();
      return;
    }
    const far = connect(Number(target.port), '127.0.0.1');
    for (const each of [near, far]) sockets.add(each.on('error', () => undefined));
    near.on('data', (bytes) => far.write(bytes)).on('close', () => far.destroy());
    far.on('data', (bytes) => (swallow ? near.destroy() : near.write(bytes))).on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  const way = new URL(url);
  way.port = `${(server.address() as AddressInfo).port}`;
  /** Ends what is under way, too: what the server has received it goes on with. */
  const close = (): void => {
    closed = true;
    for (const each of sockets) each.destroy();
  };
  return { url: way.href, swallowAnswers: (on: boolean) => void (swallow = on), close, reopen: () => void (closed = false) };
}

/** Holds up every append within the server, until let go. */
async function holdAppends(url: string) {
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('BEGIN');
  await holder.query('SELECT position FROM log_head FOR UPDATE');
  return { letGo: () => holder.query('ROLLBACK') };
}

describe('a connection that breaks', () => {
  it('does not lose or double an append whose answer was lost', async () => {
    const { url } = await given();
    const way = await cuttableWay(url);
    const log = await openLog(way.url);
    const direct = await openLog(url);
    await log.append('a', noRevision, events('before'));
    way.swallowAnswers(true);
    const append = log.append('a', 0n, events('once', 'only'));
    const seen = new Gathering((signal) => direct.subscribeStream('a', 1n, signal));
    await seen.until(2);
    await seen.stop();
    way.swallowAnswers(false);
    expect(await append).toEqual({ type: 'appended', revision: 2n, position: 3n });
    expect((await collect(log.readStream('a', 0n))).map(({ data }) => data)).toEqual(['before', 'once', 'only']);
  });

  it('is replaced under load: all appends are answered, each is written once, subscribers see each once', async () => {
    const { log, admin } = await given();
    const all = new Gathering((signal) => log.subscribeAll(0n, signal));
    let cutting = true;
    const cuts = (async () => {
      for (let cut = 0; cut < 8; cut++) {
        await admin.query(cutAll);
        await all.until(Math.min(640, all.events.length + 40));
      }
      cutting = false;
    })();
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let revision = 0; revision < 40; revision++) {
        const result = await log.append(`s-${writer}`, BigInt(revision) - 1n, events(`${writer} ${revision}`));
        expect(result).toMatchObject({ type: 'appended', revision: BigInt(revision) });
      }
    });
    await Promise.all([...writers, cuts]);
    await all.until(640);
    await all.stop();
    expect(cutting).toBe(false);
    expect(all.events.map(({ position }) => position)).toEqual(Array.from({ length: 640 }, (_, index) => BigInt(index + 1)));
  });
});

describe('an append that was given up on while the server still works on it', () => {
  const underWay = `SELECT FROM pg_stat_activity WHERE application_name = 'tributary log' AND query LIKE '%append_events%' AND datname = current_database()`;

  it('cannot come late any more, once that was settled', async () => {
    const { url, admin } = await given();
    const way = await cuttableWay(url);
    const log = await openLog(way.url, 200, true);
    await log.append('a', noRevision, events('before'));
    const { letGo } = await holdAppends(url);
    const append = log.append('a', 0n, events('late'));
    await expect.poll(async () => (await admin.query(`${underWay} AND wait_event_type = 'Lock'`)).rowCount, { timeout: 20_000 }).toBe(1);
    way.close();
    await expect(append).rejects.toThrow(LogUnavailable);
    await expect(log.settle()).rejects.toThrow(LogUnavailable);
    way.reopen();
    await expect
      .poll(
        () =>
          log.settle().then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    const settled = await collect(log.readStream('a', 0n));
    await letGo();
    await expect.poll(async () => (await admin.query(underWay)).rowCount, { timeout: 20_000 }).toBe(0);
    expect(await collect(log.readStream('a', 0n))).toEqual(settled);
    expect(await log.append('a', 0n, events('next'))).toMatchObject({ type: 'appended', revision: 1n });
  });
});

describe('appends in one group', () => {
  it('are decided one by one: a conflict leaves the others alone', async () => {
    const { log } = await given();
    await log.append('taken', noRevision, events('first'));
    const [good, conflict, also] = await Promise.all([
      log.append('a', noRevision, events('1', '2')),
      log.append('taken', noRevision, events('late')),
      log.append('b', noRevision, events('3')),
    ]);
    expect(good).toEqual({ type: 'appended', revision: 1n, position: 3n });
    expect(conflict).toEqual({ type: 'conflict', head: 0n });
    expect(also).toEqual({ type: 'appended', revision: 0n, position: 4n });
  });

  it('do not suffer from one that PostgreSQL cannot take', async () => {
    const { log } = await given();
    const all = new Gathering((signal) => log.subscribeAll(0n, signal));
    const results = await Promise.allSettled([
      log.append('a', noRevision, events('1')),
      log.append('bad', noRevision, events('a NUL \0 byte')),
      log.append('b', noRevision, events('2')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await all.until(2);
    await all.stop();
    expect(all.events.map(({ stream }) => stream)).toEqual(['a', 'b']);
    await expect(log.append('a', 0n, [{ id: 'no uuid', type: 'Happened', data: '' }])).rejects.toThrow(RangeError);
  });
});

describe('two processes on one database', () => {
  it('see the appends of each other, once and in order', async () => {
    const { url, log } = await given();
    const other = await openLog(url);
    const gatherings = [log, other].map((each) => new Gathering((signal) => each.subscribeAll(0n, signal)));
    const ofStream = new Gathering((signal) => log.subscribeStream('s-1-0', 0n, signal));
    const writers = [log, other].flatMap((each, instance) =>
      Array.from({ length: 4 }, async (_, writer) => {
        for (let revision = 0; revision < 50; revision++)
          await each.append(`s-${instance}-${writer}`, BigInt(revision) - 1n, events(`${revision}`));
      }),
    );
    await Promise.all(writers);
    await Promise.all([...gatherings.map((each) => each.until(400)), ofStream.until(50)]);
    await Promise.all([...gatherings, ofStream].map((each) => each.stop()));
    for (const each of gatherings)
      expect(each.events.map(({ position }) => position)).toEqual(Array.from({ length: 400 }, (_, index) => BigInt(index + 1)));
    expect(ofStream.events.map(({ revision }) => revision)).toEqual(Array.from({ length: 50 }, (_, index) => BigInt(index)));
  });

  it('let one of two writers win', async () => {
    const { url, log } = await given();
    const other = await openLog(url);
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all([log, other].map((each) => each.append(`s-${round}`, noRevision, events('mine'))));
      expect(results.map(({ type }) => type).sort()).toEqual(['appended', 'conflict']);
    }
    expect(await log.headOfAll()).toBe(20n);
  });

  it('hear of an append within moments, and without notifications within the poll', async () => {
    const { url, log, admin } = await given();
    const other = await openLog(url);
    const gathering = new Gathering((signal) => log.subscribeAll(0n, signal));
    const took: number[] = [];
    for (let revision = 0; revision < 6; revision++) {
      const began = performance.now();
      await other.append('a', BigInt(revision) - 1n, events('told'));
      await gathering.until(revision + 1);
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(200);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tributary listener' AND datname = current_database()`,
    );
    await other.append('a', 5n, events('found'));
    await gathering.until(7);
    await gathering.stop();
  });
});

describe('a server that refuses', () => {
  it('answers LogUnavailable while the disk is full, serves reads, and heals', async () => {
    const { log, admin } = await given();
    await log.append('a', noRevision, events('kept'));
    // The code that PostgreSQL answers with when a write finds no space (53100, disk_full).
    await admin.query(
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left'; END $$`,
    );
    await admin.query('CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()');
    const batch = events('refused');
    await expect(log.append('a', 0n, batch)).rejects.toThrow(LogUnavailable);
    expect((await collect(log.readStream('a', 0n))).map(({ data }) => data)).toEqual(['kept']);
    await admin.query('DROP TRIGGER full_disk ON events');
    expect(await log.append('a', 0n, batch)).toEqual({ type: 'appended', revision: 1n, position: 2n });
  });

  it('answers LogUnavailable while it is read-only, serves reads, and heals', async () => {
    const { url, log, admin } = await given();
    await log.append('a', noRevision, events('kept'));
    const name = new URL(url).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await admin.query(cutAll);
    await expect(log.append('a', 0n, events('refused'))).rejects.toThrow(LogUnavailable);
    expect(await log.head('a')).toBe(0n);
    await admin.query('SET default_transaction_read_only = off');
    await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await admin.query(cutAll);
    expect(await log.append('a', 0n, events('healed'))).toMatchObject({ type: 'appended', revision: 1n });
  });

  it('is LogUnavailable once patience has run out, and heals when it is back', async () => {
    const { url } = await testPostgres();
    const way = await cuttableWay(url);
    const log = await openLog(way.url, 300);
    const seen = new Gathering((signal) => log.subscribeAll(0n, signal));
    await log.append('a', noRevision, events('before'));
    way.swallowAnswers(true);
    await expect(log.append('b', noRevision, events('lost'))).rejects.toThrow(LogUnavailable);
    await expect(log.head('a')).rejects.toThrow(LogUnavailable);
    way.swallowAnswers(false);
    expect(await log.append('c', noRevision, events('after'))).toMatchObject({ type: 'appended', revision: 0n });
    await seen.until(Number(await log.headOfAll()));
    await seen.stop();
    expect(seen.events.map(({ position }) => position)).toEqual(seen.events.map((_, index) => BigInt(index + 1)));
  });

  it('cannot be opened where nothing listens', async () => {
    await expect(PostgresEventLog.open({ url: 'postgresql://nobody@127.0.0.1:9/none', patienceMs: 50 })).rejects.toThrow(LogUnavailable);
  });
});
