import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FaultyMachine } from '../servers/faulty-machine/faulty-machine.ts';
import { compileCache } from '../servers/tributary-role.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { expectSound } from './expect-sound.ts';
import { NoteWriters } from './note-writers.ts';

// The disk under the server and its database refuses to keep what is written, or takes its time: fsync fails, is late, or does not come back.

const maps = '/clusters/root/api/v1/namespaces/default/configmaps';
const failures = 4;
const machine = await FaultyMachine.start();
let server: TributaryServer;
let writers: NoteWriters;

beforeAll(async () => {
  if (!machine) return;
  server = await startTributary({ env: { ...machine.env, ...compileCache }, flags: ['--no-demo'] });
  writers = new NoteWriters(server.client, maps);
});
beforeEach(({ onTestFailed, onTestFinished }) => {
  onTestFailed(async () => console.error(await logs()));
  onTestFinished(() => machine?.mendDisk());
});
afterAll(async () => {
  machine?.mendDisk();
  await server?.remove();
  await machine?.remove();
});

const logs = async (): Promise<string> => (server ? readFile(join(server.folder, 'tributary.log'), 'utf8') : '');
const codeOf = async (path: string): Promise<number> => (await server.client.call('GET', path)).code;
const notes = async (): Promise<readonly string[]> =>
  (await server.client.list(maps)).map(({ metadata }) => metadata.name).filter((name) => name.startsWith('note-'));

/** Whoever reads is told of all that was acknowledged, and of nothing that nobody wrote. */
async function expectAcknowledgedRead(): Promise<void> {
  const acknowledged = [...writers.acknowledged];
  expect(await notes()).toEqual(expect.arrayContaining(acknowledged));
}

const skipped = '(skipped without Linux and a C compiler)';

test.skipIf(!machine)(`fsync answers late, or not at all for a time: writes wait, reads do not, nobody is refused ${skipped}`, async () => {
  expect(await writers.write()).toBe(201);
  machine!.holdSyncs();
  let answered = 0;
  const waiting = [writers.write(), writers.write()].map((write) => write.finally(() => (answered += 1)));
  await untilTrue('a write waits for the disk', () => machine!.syncsWaiting > 0);
  for (let read = 0; read < 20; read += 1) {
    expect(await codeOf(`${maps}/note-1`)).toBe(200);
    await expectAcknowledgedRead();
  }
  expect(answered, 'writes that were acknowledged while nothing reached the disk').toBe(0);
  machine!.mendDisk();
  expect(await Promise.all(waiting)).toEqual([201, 201]);

  machine!.slowSyncs(100);
  const before = machine!.syncsDelayed;
  const slowed = await Promise.all(Array.from({ length: 40 }, () => writers.write()));
  expect(new Set(slowed)).toEqual(new Set([201]));
  expect(machine!.syncsDelayed).toBeGreaterThan(before);
  machine!.mendDisk();
  await expectAcknowledgedRead();
});

test.skipIf(!machine)(
  `fsync fails: writes are refused with 503, reads go on, and all goes on when the disk is mended ${skipped}`,
  async () => {
    machine!.failSyncs();
    await untilTrue('a write is refused', async () => (await writers.write()) === 503, { deadlineMs: 60_000 });
    expect(machine!.syncsFailed).toBeGreaterThan(0);
    expect(writers.refusals.at(-1)).toMatchObject({ kind: 'Status', code: 503, reason: 'ServiceUnavailable' });
    await expectAcknowledgedRead();
    expect(await codeOf(`${maps}/note-1`)).toBe(200);
    expect(await codeOf('/livez')).toBe(200);
    await untilTrue('it says that it is not ready', async () => (await codeOf('/readyz')) !== 200);
    expect(await logs()).toContain('the embedded database went away; starting it again');

    machine!.mendDisk();
    await untilTrue('a write is acknowledged again', async () => (await writers.write()) === 201, { deadlineMs: 60_000 });
    await untilTrue('it is ready again', async () => (await codeOf('/readyz')) === 200);
    await expectAcknowledgedRead();
  },
);

test.skipIf(!machine)(
  `fsync fails now and then under load, ${failures} times: nothing acknowledged is lost, nothing is there twice ${skipped}`,
  async () => {
    writers.begin(4);
    for (let failure = 0; failure < failures; failure += 1) {
      await writers.moreAcknowledged(10);
      const before = machine!.syncsFailed;
      machine!.failSyncs();
      await untilTrue('the disk has failed', () => machine!.syncsFailed > before, { pauseMs: 1 });
      machine!.mendDisk();
    }
    await writers.moreAcknowledged(10);
    await writers.end();
    await expectAcknowledgedRead();
    // What the server could not finish in time is unknown to its writer; anything else is no answer to a broken disk.
    expect([...writers.codes.keys()].filter((code) => ![201, 503].includes(code))).toEqual([]);
    await server.restart();
    await expectAcknowledgedRead();
    const events = await expectSound(server, writers.ledger.writes);
    console.log(`${machine!.syncsFailed} failed syncs; writes were answered ${JSON.stringify([...writers.codes])}; ${events} events`);
  },
);
