import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prepareTributary, startTributary, type TributaryOptions, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { signal } from './cluster/database-processes.ts';

const isRoot = process.getuid?.() === 0;
const accounts = '/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts';
const org = (name: string) => ({
  apiVersion: 'core.platform-mesh.io/v1alpha1',
  kind: 'Account',
  metadata: { name },
  spec: { type: 'org' },
});

const servers: TributaryServer[] = [];
let server: TributaryServer;
beforeAll(async () => {
  server = await startTributary();
  servers.push(server);
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(servers.map(({ logs }) => logs).join('\n---\n'))));
afterAll(async () => {
  for (const each of servers) await each.remove();
});

/** Starts what must not start, and answers how it ended and what it said. */
async function refusedStart(
  options: TributaryOptions,
): Promise<{ readonly code: number | null; readonly said: string; readonly database: number | undefined }> {
  const refused = await prepareTributary(options);
  servers.push(refused);
  refused.launch();
  const { code } = await refused.exit();
  return { code, said: refused.logs, database: await refused.databasePid() };
}

describe('a start that cannot be', () => {
  test('a data folder in use by another process: says by whom, and leaves that one in peace', async () => {
    const { code, said } = await refusedStart({ folder: server.folder });
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(
        `^tributary: the data folder ${server.folder}\\S* is in use by tributary process ${server.pid}; stop that first, or choose another folder$`,
        'm',
      ),
    );
    // The kubeconfig still leads to the one that runs.
    expect(await readFile(server.kubeconfig, 'utf8')).toContain(`server: ${server.url}/clusters/root`);
    await server.client.expect('POST', accounts, { body: org('undisturbed') });
  });

  test('a port in use: names the setting, and leaves nothing running', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as AddressInfo;
    const { code, said, database } = await refusedStart({ flags: ['--listen', `127.0.0.1:${port}`] });
    squatter.close();
    expect(code).toBe(1);
    expect(said).toContain(
      `tributary: TRIBUTARY_LISTEN: 127.0.0.1:${port} is in use by another process; choose another with --listen HOST:PORT\n`,
    );
    expect(database).toBeUndefined();
  });

  test.skipIf(!isRoot)('a folder above the data that PostgreSQL’s user may not enter: names both and says what to do', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'tributary-closed-'));
    try {
      await mkdir(join(closed, 'data'));
      const { code, said } = await refusedStart({ folder: join(closed, 'data') });
      expect(code).toBe(1);
      expect(said).toMatch(
        /^tributary: PostgreSQL refuses to run as root, so the system user "\w+" runs it, but that user may not enter /m,
      );
      expect(said).toContain(`${closed}, on the way to the data folder ${join(closed, 'data')}`);
      expect(said).toContain(`chmod o+x ${closed}`);
      await chmod(closed, 0o711);
      const opened = await startTributary({ folder: join(closed, 'data'), flags: ['--no-demo'] });
      await opened.remove();
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  });

  test('wrong settings: each is named, with code 2', async () => {
    const { code, said } = await refusedStart({ flags: ['--kafka-brokers', 'nowhere'], env: { TRIBUTARY_LOG_LEVEL: 'loud' } });
    expect(code).toBe(2);
    expect(said).toMatch(/^tributary: --kafka-brokers must be HOST:PORT/m);
    expect(said).toMatch(/^tributary: TRIBUTARY_LOG_LEVEL must be one of/m);
  });

  test('a token file that cannot be read: names the setting', async () => {
    const { code, said } = await refusedStart({ env: { TRIBUTARY_TOKEN_FILE: '/nonexistent/tokens.csv' } });
    expect(code).toBe(1);
    expect(said).toMatch(/^tributary: TRIBUTARY_TOKEN_FILE: .*\/nonexistent\/tokens\.csv/m);
  });
});

describe('a start and a stop', () => {
  test.skipIf(!isRoot)('as root: the server is root, its database is not', async () => {
    const uidOf = async (pid: number): Promise<string | undefined> =>
      /^Uid:\t(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(await uidOf(server.pid)).toBe('0');
    expect(await uidOf((await server.databasePid()) ?? 0)).not.toBe('0');
  });

  test('PostgreSQL killed under the server: nothing is lost, and writes go on without a restart', async () => {
    const { metadata } = await server.client.expect('POST', accounts, { body: org('before-crash') });
    const database = (await server.databasePid()) ?? 0;
    expect(signal(database, 'SIGKILL')).toBe(true);
    expect((await server.client.get(`${accounts}/before-crash`)).metadata.uid).toBe(metadata.uid);
    let count = 0;
    await untilTrue('a write is acknowledged again', async () => {
      count += 1;
      const { code } = await server.client.call('POST', accounts, { body: org(`after-crash-${count}`) });
      if (code !== 201 && code !== 503) throw new Error(`answered ${code}`);
      return code === 201;
    });
    expect(await server.databasePid()).not.toBe(database);
    expect((await server.client.get(`${accounts}/before-crash`)).metadata.uid).toBe(metadata.uid);
    await untilTrue('the server is ready again', async () => (await server.client.call('GET', '/readyz')).code === 200);
  });

  test('Ctrl-C in the terminal of npm start stops everything, PostgreSQL included; the next start finds all', async () => {
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    await server.start(['npm', 'start', '--']);
    const { metadata } = await server.client.expect('POST', accounts, { body: org('kept') });
    const watching = server.client.watch(accounts, metadata.resourceVersion);
    expect(await watching.code).toBe(200);
    await server.stop('SIGINT', true);
    await expect(server.client.call('GET', '/readyz')).rejects.toThrow('ECONNREFUSED');
    expect(await server.databasePid()).toBeUndefined();
    await server.start();
    expect((await server.client.get(`${accounts}/kept`)).metadata.uid).toBe(metadata.uid);
  });
});
