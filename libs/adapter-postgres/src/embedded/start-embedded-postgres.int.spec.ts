import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { noRevision } from '#stream';
import { silentLogger } from '#telemetry';
import { events } from '#testing/stream';
import { PostgresEventLog } from '../log/postgres-event-log.ts';
import { openDataSource } from '../schema/data-source.ts';
import { migrate } from '../schema/migrate.ts';
import { attachEmbeddedPostgres } from './attach-embedded-postgres.ts';
import { DataFolderInUse } from './folder-lock.ts';
import { startEmbeddedPostgres } from './start-embedded-postgres.ts';
import { isAlive } from './is-alive.ts';

const isRoot = process.getuid?.() === 0;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-embedded-'));
  // A folder that only we may enter would keep out the user that runs the server.
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'postgres');
}

async function start(folder: string) {
  const server = await startEmbeddedPostgres({ folder, log: silentLogger });
  onTestFinished(() => server.stop());
  return server;
}

async function ask(url: string, question: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: question, rowMode: 'array' }).finally(() => client.end());
  return rows[0]?.[0];
}

/** Another process of ours that starts the server on `folder` and stays. */
async function otherProcess(folder: string): Promise<{ child: ChildProcess; server: number }> {
  const entry = new URL('./start-embedded-postgres.ts', import.meta.url).href;
  const telemetry = new URL('../../../telemetry/src/index.ts', import.meta.url).href;
  const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(entry)}); const { silentLogger } = await import(${JSON.stringify(telemetry)});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, log: silentLogger }); console.log(server.pid); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: new URL('../../../..', import.meta.url),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, server: Number(said.toString()) };
}

/** As somebody who looks on would know it. */
async function urlOf(folder: string): Promise<string> {
  const { url } = await attachEmbeddedPostgres({ folder, log: silentLogger });
  return url;
}

describe('the embedded database', () => {
  it('starts cold, is durable and private, and starts again with what was written', async () => {
    const folder = await temporaryFolder();
    const first = await start(folder);
    expect(await ask(first.url, 'SHOW fsync')).toBe('on');
    expect(await ask(first.url, 'SHOW synchronous_commit')).toBe('on');
    expect(await ask(first.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await ask(first.url, `SELECT datlocale FROM pg_database WHERE datname = current_database()`)).toBe('C.UTF-8');
    await expect(ask(first.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    // It answers when the server has let go of its files; the kernel may need a moment more to take its number away.
    await vi.waitFor(() => expect(isAlive(first.pid)).toBe(false), { timeout: 20_000 });
    const again = await start(folder);
    expect(await ask(again.url, 'SELECT answer FROM kept')).toBe(42);
  });

  it('refuses a folder that another process uses, naming it, and takes it over when that process was killed', async () => {
    const folder = await temporaryFolder();
    const { child, server } = await otherProcess(folder);
    const refused: unknown = await startEmbeddedPostgres({ folder, log: silentLogger }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataFolderInUse);
    expect(String(refused)).toContain(`the data folder ${folder} is in use by tributary process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(server)).toBe(true);
    const adopted = await start(folder);
    expect(adopted.pid).toBe(server);
    expect(await ask(adopted.url, 'SELECT 1')).toBe(1);
    await adopted.stop();
    await expect(ask(adopted.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends what a process that was killed was still appending', async () => {
    const folder = await temporaryFolder();
    const { child } = await otherProcess(folder);
    const url = await urlOf(folder);
    const appending = new pg.Client({ connectionString: url, application_name: 'tributary log' });
    const ended = new Promise<void>((resolve) => appending.on('error', () => resolve()));
    await appending.connect();
    onTestFinished(() => void appending.end().catch(() => undefined));
    const insisting = appending.query('SELECT pg_sleep(600)').catch((error: unknown) => error);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const adopted = await start(folder);
    expect(await ask(adopted.url, `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'tributary log'`)).toBe(0);
    expect(await insisting).toMatchObject({ code: '57P01' });
    await ended;
  });

  it('lets one of two processes that start at once on an empty folder win', async () => {
    const folder = await temporaryFolder();
    const results = await Promise.allSettled([start(folder), start(folder)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')?.reason).toBeInstanceOf(DataFolderInUse);
  });

  it('starts again on the same port when the server is killed, and the log goes on', async () => {
    const server = await start(await temporaryFolder());
    const dataSource = await openDataSource(server.url);
    await migrate(dataSource);
    await dataSource.destroy();
    const log = await PostgresEventLog.open({ url: server.url, patienceMs: 30_000 });
    onTestFinished(() => log.close());
    await log.append('a', noRevision, events('before'));
    const { pid } = server;
    process.kill(pid, 'SIGKILL');
    expect(await log.append('a', 0n, events('after'))).toEqual({ type: 'appended', revision: 1n, position: 2n });
    await vi.waitFor(() => expect(server.pid).not.toBe(pid), { timeout: 10_000 });
    expect(await ask(server.url, 'SELECT count(*)::int FROM events')).toBe(2);
  });

  it('does not take a stranger with the number in a stale pid file for its server', async () => {
    const folder = await temporaryFolder();
    const first = await start(folder);
    const pidFile = join(folder, 'cluster', 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, text.replace(/^\d+/, `${process.pid}`));
    const again = await start(folder);
    expect(again.pid).not.toBe(process.pid);
    expect(await ask(again.url, 'SELECT 1')).toBe(1);
  });

  it('says why when it cannot start', async () => {
    const folder = await temporaryFolder();
    await (await start(folder)).stop();
    await rm(join(folder, 'cluster', 'global'), { recursive: true });
    await expect(startEmbeddedPostgres({ folder, log: silentLogger })).rejects.toThrow(/does not start: .*global/);
  });

  it('is in a process group of its own, so that Ctrl-C is for us alone', async () => {
    const server = await start(await temporaryFolder());
    const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect(Number(fields[2])).toBe(server.pid);
  });

  it.runIf(isRoot)('is run by a system user where we are root', async () => {
    const folder = await temporaryFolder();
    const server = await start(folder);
    const owner = (await stat(join(folder, 'cluster'))).uid;
    expect(owner).not.toBe(0);
    expect((await readFile(`/proc/${server.pid}/status`, 'utf8')).split('\n').find((line) => line.startsWith('Uid:'))).toContain(
      `${owner}`,
    );
  });

  it.runIf(isRoot)('says which folder keeps that user out, and what to do', async () => {
    const folder = await temporaryFolder();
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'inner'), { recursive: true });
    await chmod(closed, 0o700);
    const message = new RegExp(
      `the system user ".+" runs it, but that user may not enter ${closed}, on the way to the data folder ${closed}/inner/postgres\\. Either allow it \\(chmod o\\+x ${closed}\\)`,
    );
    await expect(startEmbeddedPostgres({ folder: join(closed, 'inner', 'postgres'), log: silentLogger })).rejects.toThrow(message);
    await chmod(closed, 0o711);
    await start(join(closed, 'inner', 'postgres'));
  });

  it('chooses another port when the old one was taken meanwhile', async () => {
    const folder = await temporaryFolder();
    const first = await start(folder);
    await first.stop();
    const stranger = createServer().listen(first.port, '127.0.0.1');
    await once(stranger, 'listening');
    onTestFinished(() => void stranger.close());
    const again = await start(folder);
    expect(again.port).not.toBe((stranger.address() as AddressInfo).port);
  });
});

describe('migrate', () => {
  it('may be run by many processes at once, and costs little when nothing is to be done', async () => {
    const server = await start(await temporaryFolder());
    const sources = await Promise.all(Array.from({ length: 4 }, () => openDataSource(server.url)));
    onTestFinished(async () => void (await Promise.all(sources.map((source) => source.destroy()))));
    await Promise.all(sources.map(migrate));
    const known = sources[0]?.migrations.length ?? 0;
    expect(known).toBeGreaterThan(0);
    expect(await ask(server.url, 'SELECT count(*)::int FROM migrations')).toBe(known);
    const took: number[] = [];
    for (let time = 0; time < 5; time++) {
      const began = performance.now();
      await Promise.all(sources.map(migrate));
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(150);
    for (let undo = 0; undo < known; undo++) await sources[0]?.undoLastMigration();
    expect(await ask(server.url, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`)).toBe(1);
  });
});
