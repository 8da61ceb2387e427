import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freeAddress } from '#roles';
import { testPostgres } from '#testing/adapter-postgres';
import { readKubeconfig, temporaryFolder } from '../servers/tributary.ts';
import { TributaryClient } from '../servers/tributary-client.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';

// A rolling restart, seen by clients that write all along: one of two api processes is asked to stop.

const project = resolve(import.meta.dirname, '../..');
const maps = '/clusters/root/api/v1/namespaces/default/configmaps';
const writers = 8;

type Api = { readonly process: ChildProcess; readonly client: TributaryClient; readonly logs: readonly string[] };

async function startApi(folder: string, databaseUrl: string): Promise<Api> {
  const { port } = await freeAddress({ host: '127.0.0.1', port: 0 });
  const flags = ['--data', folder, '--database-url', databaseUrl, '--listen', `127.0.0.1:${port}`, '--shutdown-delay', '1'];
  const launched = spawn(join(project, 'node_modules/.bin/node'), [join(project, 'apps/api/src/main.ts'), ...flags], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: string[] = [];
  for (const stream of [launched.stdout, launched.stderr]) stream.on('data', (chunk: Buffer) => logs.push(chunk.toString()));
  onTestFinished(() => void launched.kill('SIGKILL'));
  await untilTrue('the process is ready', () => logs.join('').includes('"msg":"ready"'), { deadlineMs: 60_000 }).catch((cause: unknown) => {
    throw new Error(logs.join(''), { cause });
  });
  const access = await until('there is a kubeconfig', () => readKubeconfig(join(folder, 'admin.kubeconfig')));
  const client = new TributaryClient({ ...access, url: `https://127.0.0.1:${port}` });
  onTestFinished(() => client.close());
  return { process: launched, client, logs };
}

it('stops one of two servers under clients that write: nothing acknowledged is lost, nothing is refused, watches end whole', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { url } = await testPostgres();
  const leaving = await startApi(folder, url);
  const staying = await startApi(folder, url);
  const acknowledged: string[] = [];
  const refused: string[] = [];
  let brokenOff = 0;
  let writing = true;

  const write = async (name: string, first: Api): Promise<void> => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    for (let attempt = 0; ; attempt += 1) {
      const api = attempt % 2 === 0 ? first : first === leaving ? staying : leaving;
      try {
        const { code, text } = await api.client.call('POST', maps, { body });
        // What a broken connection did not tell: the attempt before was the one.
        if (code === 201 || (code === 409 && attempt > 0)) acknowledged.push(name);
        else refused.push(`${code} ${text}`);
        return;
      } catch (failure) {
        if ((failure as NodeJS.ErrnoException).code !== 'ECONNREFUSED') brokenOff += 1;
        if (attempt > 20) throw new Error(`${name} found no server`, { cause: failure });
      }
    }
  };
  const writer = async (number: number): Promise<void> => {
    for (let count = 0; writing; count += 1) await write(`w-${number}-${count}`, (number + count) % 2 === 0 ? leaving : staying);
  };
  const watch = leaving.client
    .call('GET', `${maps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=600`)
    .catch((failure: unknown) => failure as Error);
  const allWritten = Promise.all(Array.from({ length: writers }, (_, number) => writer(number)));
  await untilTrue('writes go through both', () => acknowledged.length > 100);

  const exited = once(leaving.process, 'exit');
  leaving.process.kill('SIGTERM');
  const told = await until('it says that it is about to stop', async () => {
    const { code, text } = await leaving.client.call('GET', '/readyz?verbose');
    return code === 500 ? text : undefined;
  });
  expect(told).toMatch(/^\[-\]shutdown failed: .*$/m);
  expect(told).toMatch(/^\[\+\]log ok$/m);
  expect(
    (await leaving.client.call('POST', maps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } } })).code,
  ).toBe(201);
  expect((await staying.client.call('GET', '/readyz')).text).toBe('ok');
  expect(await exited).toEqual([0, null]);
  const atExit = acknowledged.length;
  await untilTrue('writes go on at the other', () => acknowledged.length > atExit + 50);
  writing = false;
  await allWritten;

  const watched = await watch;
  if (watched instanceof Error) throw watched;
  const lines = watched.text.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('BOOKMARK');
  expect(refused).toEqual([]);
  const { items } = JSON.parse((await staying.client.call('GET', maps)).text) as { items: { metadata: { name: string } }[] };
  const there = new Set(items.map(({ metadata }) => metadata.name));
  expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
  // Connections that were idle when they were closed, at most one for each writer.
  expect(brokenOff).toBeLessThanOrEqual(writers);
  expect(leaving.logs.join('')).not.toContain('cut off');
});
