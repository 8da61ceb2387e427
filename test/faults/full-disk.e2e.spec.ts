import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startTributary, temporaryFolder, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { faultsOfPlaces, readHistory } from './recorded-history.ts';

const disk = await temporaryFolder();
const isMounted = mount(disk);
const collection = '/clusters/root:orgs/apis/ui.platform-mesh.io/v1alpha1/providermetadatas';
let server: TributaryServer | undefined;

beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));
afterAll(async () => {
  await server?.remove();
  if (isMounted) execFileSync('umount', ['--lazy', disk]);
  await rm(disk, { recursive: true, force: true });
});

test.skipIf(!isMounted)(
  'a full disk (skipped where no disk of its own can be mounted): writes are refused, reads served, nothing is lost',
  async () => {
    const folder = join(disk, 'data');
    await mkdir(folder);
    server = await startTributary({ folder, flags: ['--no-demo'] });
    const { client } = server;
    const acknowledged = new Set<string>();
    let count = 0;
    const write = async (): Promise<number> => {
      const name = `note-${(count += 1)}`;
      // Random, so that it takes the room that it says.
      const spec = { displayName: name, description: randomBytes(150_000).toString('base64') };
      const { code, text } = await client.call('POST', collection, {
        body: { apiVersion: 'ui.platform-mesh.io/v1alpha1', kind: 'ProviderMetadata', metadata: { name }, spec },
      });
      if (code === 201) acknowledged.add(name);
      else expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 503, reason: 'ServiceUnavailable' });
      return code;
    };
    expect(await write()).toBe(201);

    await fill(disk);
    await untilTrue('a write is refused', async () => (await write()) === 503, { pauseMs: 0 });
    // Refused again, and again no worse.
    expect(await write()).toBe(503);
    expect(await names(client)).toEqual([...acknowledged].sort());
    expect((await client.get(`${collection}/note-1`)).metadata.name).toBe('note-1');

    await rm(join(disk, 'filling'));
    await untilTrue('a write is acknowledged again', async () => (await write()) === 201, { deadlineMs: 60_000 });
    const found = await names(client);
    for (const name of acknowledged) expect(found).toContain(name);
    await untilTrue('the server is ready', async () => (await client.call('GET', '/readyz')).code === 200);

    await server.restart();
    const afterwards = await names(client);
    for (const name of acknowledged) expect(afterwards).toContain(name);
    expect(faultsOfPlaces(await readHistory(folder))).toEqual([]);
  },
);

async function names(client: TributaryServer['client']): Promise<readonly string[]> {
  return (await client.list(collection)).map(({ metadata }) => metadata.name).sort();
}

/** A small disk in memory. */
function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function fill(folder: string): Promise<void> {
  const file = await open(join(folder, 'filling'), 'w');
  const block = Buffer.alloc(1 << 20);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}
