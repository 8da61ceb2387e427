import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDataSource, startEmbeddedPostgres } from '#adapter-postgres';
import { silentLogger } from '#telemetry';
import { clusterNameOf } from '#workspace';
import { bindDemo, openWorkspace } from '../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';

// An account is deleted: what stood in it is nowhere any more.

const planted = 'xQ7vPlantedInAnAccountZw3';
const accountsOf = (workspace: string): string => `${workspace}/apis/core.platform-mesh.io/v1alpha1/accounts`;
const project = resolve(import.meta.dirname, '../..');

let server: TributaryServer;
beforeAll(async () => {
  server = await startTributary({ flags: ['--keep-events', '1'] });
});
afterAll(() => server?.remove());

/** The clusters of an organisation and of an account in it, both full of planted values, snapshots and archived events among them. */
async function fullAccounts(): Promise<readonly string[]> {
  const { client } = server;
  const acme = await openWorkspace(server, 'acme');
  await bindDemo(server, acme);
  const bins = `${acme}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
  const bin = { apiVersion: 'orchestrate.platform-mesh.io/v1alpha1', kind: 'HttpBin', spec: { region: 'eu-west' } };
  await client.expect('POST', bins, { body: { ...bin, metadata: { name: 'web', annotations: { planted } } } });
  await until('the service is ready', async () => (await client.get(`${bins}/web`)).status?.conditions?.find(isReady));
  const team = {
    apiVersion: 'core.platform-mesh.io/v1alpha1',
    kind: 'Account',
    metadata: { name: 'team' },
    spec: { type: 'account', displayName: planted },
  };
  await client.expect('POST', accountsOf(acme), { body: team });
  await until('the account is ready', async () => (await client.get(`${accountsOf(acme)}/team`)).status?.conditions?.find(isReady));
  for (const workspace of [acme, `${acme}:team`]) await fill(workspace);
  const uids = [await client.get(`${accountsOf('/clusters/root:orgs')}/acme`), await client.get(`${accountsOf(acme)}/team`)];
  return uids.map(({ metadata }) => clusterNameOf(metadata.uid));
}

const isReady = ({ type, status }: { readonly type: string; readonly status: string }): boolean => type === 'Ready' && status === 'True';

async function fill(workspace: string): Promise<void> {
  const { client } = server;
  const core = `${workspace}/api/v1/namespaces/default`;
  const metadata = { name: 'plan', namespace: 'default' };
  await client.expect('POST', `${core}/configmaps`, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { planted } } });
  await client.expect('POST', `${core}/secrets`, { body: { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { planted } } });
  const involvedObject = { apiVersion: 'v1', kind: 'ConfigMap', ...metadata };
  await client.expect('POST', `${core}/events`, {
    body: { apiVersion: 'v1', kind: 'Event', metadata, involvedObject, message: planted, type: 'Normal', reason: 'Planted' },
  });
  await client.expect('POST', `${workspace}/apis/coordination.k8s.io/v1/namespaces/default/leases`, {
    body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { holderIdentity: planted } },
  });
  // So long a history that a snapshot is taken of it, and its beginning goes to the archive.
  const contentType = 'application/merge-patch+json';
  const patch = (index: number) =>
    client.expect('PATCH', `${core}/configmaps/plan`, { contentType, body: { data: { index: `${index}`, planted } } });
  for (let index = 0; index < 1_100; index += 50) await Promise.all(Array.from({ length: 50 }, (_, more) => patch(index + more)));
}

/** What the database of a server that has stopped says. `VACUUM` and a checkpoint write down what PostgreSQL would in its own time. */
async function inDatabase<Result>(look: (rows: (sql: string, values?: readonly unknown[]) => Promise<Row[]>) => Promise<Result>) {
  const database = await startEmbeddedPostgres({ folder: join(server.folder, 'postgres'), log: silentLogger });
  const source = await openDataSource(database.url);
  try {
    return await look((sql, values) => source.query<Row[]>(sql, values ? [...values] : undefined));
  } finally {
    await source.destroy();
    await database.stop();
  }
}
type Row = Readonly<Record<string, unknown>>;

const tables = `SELECT table_name AS "table" FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;

test('a deleted account leaves nothing but its name, which is never used again', { timeout: 120_000 }, async () => {
  const clusters = await fullAccounts();
  const old = await server.client.get('/clusters/root:orgs:acme/api/v1/namespaces/default/configmaps/plan');
  const archived = async (): Promise<number> =>
    Number(/^tributary_events_archived_total (\d+)/m.exec((await server.client.call('GET', '/metrics')).text)?.[1] ?? 0);
  await untilTrue('events went to the archive', async () => (await archived()) >= 1_900);
  await server.stop();
  await inDatabase(async (rows) => {
    for (const cluster of clusters) {
      const [there] = await rows(`SELECT (SELECT count(*) FROM archived_events WHERE stream = $1)::int > 900 AS archived`, [
        `account-${cluster}`,
      ]);
      expect(there).toEqual({ archived: true });
    }
  });
  await server.start();

  // What is gone from the log cannot be watched from any more; what is there is as it was.
  const kept = await server.client.get('/clusters/root:orgs:acme/api/v1/namespaces/default/configmaps/plan');
  expect(kept).toEqual(old);
  const watching = server.client.watch('/clusters/root:orgs:acme/api/v1/namespaces/default/configmaps', '20');
  const [expired] = await watching.until('the watch says that its past is gone', (events) => events.length > 0);
  expect(expired).toMatchObject({
    type: 'ERROR',
    object: { code: 410, reason: 'Expired', message: expect.stringMatching(/^too old resource version: 20 \(\d+\)$/) as string },
  });

  await server.client.expect('DELETE', `${accountsOf('/clusters/root:orgs')}/acme`);
  await untilTrue('the account is gone', async () => !(await server.client.find(`${accountsOf('/clusters/root:orgs')}/acme`)));
  const log = (): Promise<string> => readFile(join(server.folder, 'tributary.log'), 'utf8');
  await untilTrue('both are removed', async () => {
    const lines = (await log()).split('\n').filter((line) => line.includes('an account is gone'));
    return clusters.every((cluster) => lines.some((line) => line.includes(cluster)));
  });
  await server.stop();

  await inDatabase(async (rows) => {
    for (const { table } of await rows(tables)) {
      const found = await rows(`SELECT * FROM "${table as string}" AS kept WHERE kept::text LIKE '%${planted}%'`);
      expect({ table, found }).toEqual({ table, found: [] });
    }
    for (const cluster of clusters) {
      const left = await rows(
        `SELECT (SELECT count(*) FROM snapshots WHERE stream LIKE $1)::int AS snapshots,
                (SELECT count(*) FROM archived_events WHERE stream LIKE $1)::int AS archived,
                (SELECT array_agg(type) FROM events WHERE stream LIKE $1) AS events,
                (SELECT count(*) FROM keys WHERE account = $2)::int AS keys,
                (SELECT count(*) FROM resources WHERE cluster = $2)::int AS objects,
                (SELECT count(*) FROM workspaces WHERE cluster = $2)::int AS workspaces,
                (SELECT count(*) FROM channel_records WHERE key LIKE '%' || $2 || '/%')::int AS records`,
        [`%-${cluster}`, cluster],
      );
      const ends = ['WorkspaceClosed', 'WorkspaceClosed'];
      expect(left).toEqual([{ snapshots: 0, archived: 0, events: ends, keys: 0, objects: 0, workspaces: 0, records: 0 }]);
    }
    await rows('VACUUM FULL');
    await rows('CHECKPOINT');
  });
  // The write-ahead log is PostgreSQL's own: it goes as it is recycled.
  const holding = (await grep(server.folder, planted)).filter((file) => !file.includes('/pg_wal/'));
  expect(holding).toEqual([]);

  const verified = await promisify(execFile)(join(project, 'node_modules/.bin/node'), [
    join(project, 'apps/tributary/src/main.ts'),
    'verify',
    '--data',
    server.folder,
  ]).catch((failed: { readonly stdout: string }) => failed);
  expect(verified.stdout).toMatch(/^All fits: /);
  await server.start();
  expect((await server.client.call('GET', `/clusters/${clusters[0]}/api/v1/namespaces`)).code).toBe(404);
  await openWorkspace(server, 'acme');
});

/** The files below a folder that hold these characters. */
async function grep(where: string, needle: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(where, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file)).includes(needle)) found.push(file);
  }
  return found;
}
