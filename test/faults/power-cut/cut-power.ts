import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { FaultyMachine } from '../../servers/faulty-machine/faulty-machine.ts';
import type { TributaryServer } from '../../servers/tributary.ts';
import { untilTrue } from '../../servers/tributary-until.ts';
import { childrenOf, signal } from '../cluster/database-processes.ts';
import { killInMidst } from '../kills.ts';
import { databaseUrl } from '../recorded-history.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { pageBytes, placeOfPage, tearLog, tornPage } from './torn-pages.ts';

export type PowerCutOptions = {
  readonly server: TributaryServer;
  readonly machine: FaultyMachine;
  readonly random: SeededRandom;
  /** Empty: takes what the disk would hold when the power is back, and copies that were made on the way. */
  readonly into: string;
  /** What goes on between the last checkpoint and the cut. */
  readonly load: () => Promise<void>;
};

export type TornDisk = { readonly folder: string; readonly tornPages: number; readonly tornSectors: number };

/**
 * What a disk holds after the power went in the midst of a checkpoint and of a commit: the log up to where it was brought onto the disk, rubbish
 * behind that, and of every page that was on its way some sectors as they were and others as they should have become. The server is killed.
 */
export async function cutPower({ server, machine, random, into, load }: PowerCutOptions): Promise<TornDisk> {
  const cluster = join(server.folder, 'postgres', 'cluster');
  const [before, folder, after] = ['before', 'after-the-cut', 'after'].map((name) => join(into, name)) as [string, string, string];
  const database = new pg.Client({ connectionString: await databaseUrl(join(server.folder, 'postgres')) });
  await database.connect();
  // The end of the server ends the connection.
  database.on('error', () => undefined);
  try {
    await database.query('CHECKPOINT');
    await whileFrozen(server, () => copy(cluster, before));
    await load();
    machine.holdSyncs();
    await untilTrue('a commit waits for the disk', () => machine.syncsWaiting > 0);
    // From here on, nothing is acknowledged any more.
    process.kill(server.pid, 'SIGSTOP');
    const { rows } = await database.query<{ file: string; offset: number; place: string }>(
      `SELECT (w).file_name AS file, (w).file_offset AS "offset", place - '0/0'::pg_lsn AS place
         FROM (SELECT pg_walfile_name_offset(place) AS w, place FROM pg_current_wal_flush_lsn() AS place) AS flushed`,
    );
    const [durable] = rows;
    if (!durable) throw new Error('the log has no end');
    await whileFrozen(server, () => copy(server.folder, folder));
    machine.mendDisk();
    await database.query('CHECKPOINT');
    await whileFrozen(server, () => copy(cluster, after));
    const image = join(folder, 'postgres', 'cluster');
    const tornSectors = await tearSegments(join(image, 'pg_wal'), durable, random);
    const tornPages = await tearPages({ before, image, after }, BigInt(durable.place), random);
    await killInMidst(server, 'tributary');
    return { folder, tornPages, tornSectors };
  } finally {
    machine.mendDisk();
    await server.kill9();
    await database.end().catch(() => undefined);
    for (const scaffold of [before, after]) await rm(scaffold, { recursive: true, force: true });
  }
}

/** The whole database stands still: nobody writes while it is copied. */
async function whileFrozen(server: TributaryServer, act: () => Promise<void>): Promise<void> {
  const postmaster = (await server.databasePid()) ?? 0;
  const frozen = [postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)];
  for (const pid of frozen) signal(pid, 'SIGSTOP');
  try {
    await act();
  } finally {
    for (const pid of frozen) signal(pid, 'SIGCONT');
  }
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  await promisify(execFile)('cp', ['-a', '--sparse=always', from, to]);
}

type Durable = { readonly file: string; readonly offset: number };

async function tearSegments(folder: string, { file, offset }: Durable, random: SeededRandom): Promise<number> {
  let torn = 0;
  for (const name of (await readdir(folder)).filter((each) => /^[0-9A-F]{24}$/.test(each) && each >= file)) {
    const segment = await readFile(join(folder, name));
    torn += tearLog(segment, name === file ? offset : 0, random);
    await writeFile(join(folder, name), segment);
  }
  return torn;
}

type Copies = { readonly before: string; readonly image: string; readonly after: string };

async function tearPages({ before, image, after }: Copies, durable: bigint, random: SeededRandom): Promise<number> {
  let torn = 0;
  const names = await readdir(image, { recursive: true });
  for (const name of names.filter((each) => /^(base\/\d+|global)\/\d+(_fsm|_vm)?$/.test(each))) {
    const [present, ...others] = await Promise.all(
      [image, before, after].map((copied) => readFile(join(copied, name)).catch(() => noFile)),
    );
    const file = await open(join(image, name), 'r+');
    for (let at = 0; at < (present?.length ?? 0); at += pageBytes) {
      const versions = [present ?? noFile, ...others].map((bytes) => bytes.subarray(at, at + pageBytes));
      // The log goes first: no page reaches the disk before what was done to it.
      const onTheWay = versions.filter((page) => page.length === pageBytes && placeOfPage(page) <= durable);
      const page = tornPage(onTheWay, random);
      if (page) await file.write(page, 0, pageBytes, at);
      if (page) torn += 1;
    }
    await file.close();
  }
  return torn;
}

const noFile = Buffer.alloc(0);
