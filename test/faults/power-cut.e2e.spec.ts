import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { FaultyMachine } from '../servers/faulty-machine/faulty-machine.ts';
import { compileCache } from '../servers/tributary-role.ts';
import { startTributary, temporaryFolder, type TributaryServer } from '../servers/tributary.ts';
import { expectSound } from './expect-sound.ts';
import { NoteWriters } from './note-writers.ts';
import { cutPower } from './power-cut/cut-power.ts';
import { SeededRandom } from './seeded-random.ts';

const cuts = 2;
const random = SeededRandom.fromEnvironment('POWER_SEED');
const maps = '/clusters/root/api/v1/namespaces/default/configmaps';
const machine = await FaultyMachine.start();
const folders: string[] = [];
let server: TributaryServer | undefined;

const databaseLog = async (): Promise<string> =>
  server ? readFile(join(server.folder, 'postgres', 'postgres.log'), 'utf8').catch(() => '') : '';
beforeEach(({ onTestFailed }) =>
  onTestFailed(async () => console.error(`POWER_SEED=${random.seed}\n${server?.logs}\n---\n${(await databaseLog()).slice(-4_000)}`)),
);
afterAll(async () => {
  machine?.mendDisk();
  await server?.remove();
  await machine?.remove();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test.skipIf(!machine)(
  `the power goes ${cuts} times under load, pages and the log's end are torn: what was acknowledged is there, nothing twice, no gap (skipped without Linux and a C compiler)`,
  async () => {
    const options = { env: { ...machine!.env, ...compileCache }, flags: ['--no-demo'] };
    folders.push(await temporaryFolder());
    server = await startTributary({ ...options, folder: folders[0]! });
    const writes = [];
    for (let cut = 1; cut <= cuts; cut += 1) {
      const writers = new NoteWriters(server.client, maps, `cut-${cut}`);
      const into = await temporaryFolder();
      folders.push(into);
      const load = async (): Promise<void> => {
        writers.begin(4);
        await writers.moreAcknowledged(random.between(20, 150));
      };
      const { folder, tornPages, tornSectors } = await cutPower({ server, machine: machine!, random, into, load });
      await writers.end();
      await server.remove();
      writes.push(...writers.ledger.writes);
      console.log(
        `cut ${cut}: ${tornPages} pages and ${tornSectors} sectors of the log were torn, ${writers.acknowledged.size} writes acknowledged`,
      );
      // A cut that tore nothing proves nothing.
      expect(tornPages).toBeGreaterThan(0);
      expect(tornSectors).toBeGreaterThan(0);

      server = await startTributary({ ...options, folder });
      expect(await databaseLog()).toContain('database system was not properly shut down; automatic recovery in progress');
      const names = (await server.client.list(maps)).map(({ metadata }) => metadata.name);
      expect(names).toEqual(expect.arrayContaining([...writers.acknowledged]));
    }
    await expectSound(server, writes);
  },
);
