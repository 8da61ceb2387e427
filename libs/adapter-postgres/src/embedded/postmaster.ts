import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chown, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runAs } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { serverArguments } from './server-settings.ts';
import { isAlive } from './is-alive.ts';

/** A PostgreSQL server that runs on a cluster. */
export type Postmaster = { readonly pid: number; readonly port: number };

const startMax = 60_000;
const fastShutdownMax = 20_000;
const logBytesMax = 10_000_000;

/** The server that runs on the cluster now, once it takes connections; undefined when none does. Waits while one starts or stops. */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  const deadline = performance.now() + startMax;
  while (performance.now() < deadline) {
    const running = await readPidFile(cluster);
    if (!running) return undefined;
    if (!(await servesCluster(running.pid, cluster))) {
      // After a reboot numbers come again: PostgreSQL would take the stranger for a server. A number that nobody has it clears itself.
      if (isAlive(running.pid)) await rm(join(cluster.files, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (running.ready) return running;
    await pause(10);
  }
  throw new Error(`the embedded database in ${cluster.files} neither starts nor stops; see ${cluster.logFile}`);
}

/** Starts a server on `port`, or on a free one. Undefined when another process was faster, or the port was taken meanwhile. @throws Error with the end of the server's log. */
export async function startPostmaster(cluster: Cluster, port?: number): Promise<Postmaster | undefined> {
  const wanted = port ?? (await freePort());
  const child = await spawnServer(cluster, wanted);
  const deadline = performance.now() + startMax;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const running = await readPidFile(cluster);
    if (running?.ready && running.pid === child.pid) return running;
    await pause(10);
  }
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGQUIT');
    throw new Error(`the embedded database in ${cluster.files} did not start within ${startMax / 1000} s; see ${cluster.logFile}`);
  }
  if ((await readPidFile(cluster)) || !(await isFree(wanted))) return undefined;
  throw new Error(`the embedded database in ${cluster.files} does not start: ${await endOfLog(cluster)}`);
}

/** Stops the server: open transactions are rolled back, everything committed is on disk. */
export async function stopPostmaster(cluster: Cluster, { pid }: Postmaster): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', fastShutdownMax],
    ['SIGQUIT', 5_000],
  ] as const) {
    if (await ended(pid, cluster, { signal, patience })) return;
  }
  throw new Error(`the embedded database (process ${pid}) does not stop`);
}

async function ended(pid: number, cluster: Cluster, { signal, patience }: { signal: NodeJS.Signals; patience: number }): Promise<boolean> {
  const deadline = performance.now() + patience;
  try {
    process.kill(pid, signal);
  } catch {
    return true;
  }
  while (performance.now() < deadline) {
    if (!(await servesCluster(pid, cluster))) return true;
    await pause(10);
  }
  return false;
}

async function spawnServer(cluster: Cluster, port: number): Promise<ChildProcess> {
  await turnLog(cluster);
  const log = await open(cluster.logFile, 'a', 0o600);
  try {
    // A group of its own: Ctrl-C on the terminal is for us, and we stop the server when all is written.
    const child = spawn(cluster.programs.postgres, ['-D', cluster.files, ...serverArguments(port)], {
      ...runAs(cluster),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

async function turnLog(cluster: Cluster): Promise<void> {
  const kept = await stat(cluster.logFile).catch(() => undefined);
  if (kept && kept.size > logBytesMax) await rename(cluster.logFile, `${cluster.logFile}.old`);
  if (!cluster.user) return;
  await (await open(cluster.logFile, 'a', 0o600)).close();
  await chown(cluster.logFile, cluster.user.uid, cluster.user.gid);
}

/** The lines of postmaster.pid: process, folder, start time, port, socket folder, address, shared memory, state. */
async function readPidFile(cluster: Cluster): Promise<(Postmaster & { readonly ready: boolean }) | undefined> {
  const text = await readFile(join(cluster.files, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined;
}

/** Whether that process is a server on this cluster: alive, and standing in the cluster's folder. */
async function servesCluster(pid: number, cluster: Cluster): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (platform() === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === cluster.files;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).includes(cluster.files);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port was found on 127.0.0.1');
  return address.port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function endOfLog(cluster: Cluster): Promise<string> {
  const text = await readFile(cluster.logFile, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join(' | ');
}
