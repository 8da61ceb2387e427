import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chown, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { serverPrograms } from './server-programs.ts';
import type { ServerPrograms } from './server-programs.ts';
import { firstClosedFolder, serverUser } from './system-user.ts';
import type { SystemUser } from './system-user.ts';
import { isAlive } from './is-alive.ts';

/** A database cluster on disk, ready to be started. */
export type Cluster = {
  /** The folder given to us; holds what follows. */
  readonly folder: string;
  /** PostgreSQL's own folder. */
  readonly files: string;
  readonly logFile: string;
  readonly password: string;
  readonly programs: ServerPrograms;
  /** Who runs the server, where that is not us. */
  readonly user: SystemUser | undefined;
};

/** The superuser inside PostgreSQL. */
export const databaseUser = 'tributary';

/**
 * Makes the cluster in `folder` on first start, and finds it later. Killed halfway, it starts over next time; two
 * processes at once do no harm, one of the two results is kept.
 */
export async function prepareCluster(folder: string): Promise<Cluster> {
  const absolute = resolve(folder);
  const files = join(absolute, 'cluster');
  await mkdir(absolute, { recursive: true });
  const [programs, user] = await Promise.all([serverPrograms(), serverUser(files)]);
  if (user) await openTo(user, absolute, programs);
  const password = await keepPassword(join(absolute, 'password'));
  const cluster: Cluster = { folder: absolute, files, logFile: join(absolute, 'postgres.log'), password, programs, user };
  if (!(await exists(join(files, 'PG_VERSION')))) await initialise(cluster);
  return cluster;
}

/** How the server's programs are run: as its user, and with nothing of our environment. */
export function runAs(cluster: Pick<Cluster, 'user' | 'folder'>): { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv } {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  return { cwd: cluster.folder, env, ...(cluster.user && { uid: cluster.user.uid, gid: cluster.user.gid }) };
}

async function openTo(user: SystemUser, folder: string, programs: ServerPrograms): Promise<void> {
  await chown(folder, user.uid, user.gid);
  const because = `PostgreSQL refuses to run as root, so the system user "${user.name}" runs it, but that user may not enter`;
  const aboveData = await firstClosedFolder(folder, user);
  if (aboveData)
    throw new Error(
      `${because} ${aboveData}, on the way to the data folder ${folder}. Either allow it (chmod o+x ${aboveData}), or choose a data folder elsewhere (for example TRIBUTARY_DATA=/var/lib/tributary).`,
    );
  const abovePrograms = await firstClosedFolder(programs.postgres, user);
  if (abovePrograms)
    throw new Error(
      `${because} ${abovePrograms}, on the way to PostgreSQL's programs in ${programs.folder}. Either allow it (chmod o+x ${abovePrograms}), or move this checkout elsewhere (for example /opt/tributary).`,
    );
}

/** Written aside and linked into place: the file is there whole, or not at all. */
async function keepPassword(file: string): Promise<string> {
  if (!(await exists(file))) {
    const aside = `${file}-new-${randomUUID()}`;
    await writeFile(aside, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
    await link(aside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(aside);
  }
  return (await readFile(file, 'utf8')).trim();
}

async function initialise(cluster: Cluster): Promise<void> {
  await removeLeftovers(cluster.folder);
  const fresh = join(cluster.folder, `cluster-new-${process.pid}-${randomUUID()}`);
  inTheMaking.add(basename(fresh));
  const passwordFile = `${fresh}.password`;
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  if (cluster.user) await chown(passwordFile, cluster.user.uid, cluster.user.gid);
  // What initdb would sync file by file is synced once, at the end.
  await initdb(cluster, [
    '-D',
    fresh,
    '-U',
    databaseUser,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ]);
  await initdb(cluster, ['-D', fresh, '--sync-only']);
  await rm(passwordFile);
  await rename(fresh, cluster.files).catch(async (error: unknown) => {
    if (!(await exists(join(cluster.files, 'PG_VERSION')))) throw error;
    await rm(fresh, { recursive: true });
  });
  await syncFolder(cluster.folder);
}

async function initdb(cluster: Cluster, options: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(cluster.programs.initdb, options, runAs(cluster));
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`the embedded database could not be created in ${cluster.files}: ${said}`, { cause });
  }
}

/** What this process is making now: anything else with its number is from an earlier one that had the same. */
const inTheMaking = new Set<string>();

/** What a start that was killed left behind. One that still runs is left alone. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const maker = Number(/^cluster-new-(\d+)/.exec(name)?.[1]);
    const leftOver = maker === process.pid ? !inTheMaking.has(name.replace('.password', '')) : maker > 0 && !isAlive(maker);
    if (leftOver) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function syncFolder(folder: string): Promise<void> {
  for (const each of [folder, dirname(folder)]) {
    const opened = await open(each, 'r');
    await opened.sync().finally(() => opened.close());
  }
}
