import { execFileSync } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The system user that runs PostgreSQL where we are root, which PostgreSQL refuses to be. */
export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Who runs the server: undefined means ourselves. Root hands it to the owner of `clusterFolder` when that exists already,
 * else to `postgres`, else to a system user made for it, else to `nobody`. @throws Error when there is none.
 */
export async function serverUser(clusterFolder: string): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterFolder).catch(() => undefined);
  if (owner && owner.uid !== 0) return { name: nameOf(owner.uid), uid: owner.uid, gid: owner.gid };
  const user = find('postgres') ?? find('tributary') ?? create('tributary') ?? find('nobody');
  if (!user)
    throw new Error(
      'PostgreSQL refuses to run as root, and there is no system user to run it: create one with "useradd --system tributary"',
    );
  return user;
}

/** The first folder on the way to `path` that `user` may not enter, or `path` itself where that may not be read. */
export async function firstClosedFolder(path: string, user: SystemUser): Promise<string | undefined> {
  const way: string[] = [];
  for (let folder = await realpath(path); way[0] !== folder; folder = dirname(folder)) way.unshift(folder);
  for (const folder of way) if (!(await mayEnter(folder, user))) return folder;
  return undefined;
}

async function mayEnter(folder: string, { uid, gid }: SystemUser): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 || triedToEnter(folder, uid, gid);
}

/** The mode alone does not know of access lists: the doubtful case is tried. */
function triedToEnter(folder: string, uid: number, gid: number): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'cd -- "$0"', folder], { uid, gid, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function find(name: string): SystemUser | undefined {
  try {
    return { name, uid: identity('-u', name), gid: identity('-g', name) };
  } catch {
    return undefined;
  }
}

function create(name: string): SystemUser | undefined {
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return find(name);
}

function identity(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

function nameOf(uid: number): string {
  try {
    return execFileSync('id', ['-un', `${uid}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return `${uid}`;
  }
}
