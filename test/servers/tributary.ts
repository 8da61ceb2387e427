import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { TributaryClient } from './tributary-client.ts';
import { until, untilTrue } from './tributary-until.ts';

export type TributaryOptions = {
  /** The data folder. Absent: a temporary one, removed by `remove`. */
  readonly folder?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const project = resolve(import.meta.dirname, '../..');
const node = join(project, 'node_modules/.bin/node');
const main = join(project, 'apps/tributary/src/main.ts');
const readyDeadlineMs = 60_000;
const stopDeadlineMs = 20_000;

/** Starts the server as users do, on a free port, and waits until it is ready. */
export async function startTributary(options: TributaryOptions = {}): Promise<TributaryServer> {
  const server = await prepareTributary(options);
  await server.start();
  return server;
}

/** A server that has not been started yet. */
export async function prepareTributary({ folder, flags = [], env = {} }: TributaryOptions = {}): Promise<TributaryServer> {
  const own = folder ?? (await temporaryFolder());
  return new TributaryServer({ folder: own, flags, env, isTemporary: folder === undefined });
}

/** Another user than ours may run the database: it may enter. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  await chmod(folder, 0o755);
  return folder;
}

type Place = Required<TributaryOptions> & { readonly isTemporary: boolean };

/** The server's process, from outside. */
export class TributaryServer {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly #place: Place;
  #process: ChildProcess | undefined;
  readonly #output: string[] = [];
  #launchedAt = 0;
  #url: string | undefined;
  #client: TributaryClient | undefined;

  constructor(place: Place) {
    this.#place = place;
    this.folder = place.folder;
    this.kubeconfig = join(place.folder, 'admin.kubeconfig');
  }

  /** `https://127.0.0.1:<port>`, the same after every restart. */
  get url(): string {
    if (this.#url === undefined) throw new Error('the server has never been ready');
    return this.#url;
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('the server does not run');
    return this.#process.pid;
  }

  get client(): TributaryClient {
    if (this.#client === undefined) throw new Error('the server has never been ready');
    return this.#client;
  }

  /** All it has printed, over all starts. */
  get logs(): string {
    return this.#output.join('');
  }

  /** Starts the process without waiting. Its own process group, as from a terminal. `program` replaces `node main.ts`. */
  launch(program: readonly string[] = [node, main]): void {
    if (this.#process) throw new Error('the server runs already');
    const [command = '', ...words] = program;
    const listen = this.#url === undefined ? '127.0.0.1:0' : new URL(this.#url).host;
    const flags = ['--data', this.folder, '--listen', listen, ...this.#place.flags];
    const launched = spawn(command, [...words, ...flags], {
      cwd: project,
      env: { ...ownEnvironment(), ...this.#place.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    launched.stdout.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
    launched.stderr.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
    const orphaned = (): void => void launched.kill('SIGKILL');
    process.once('exit', orphaned);
    launched.once('exit', () => process.off('exit', orphaned));
    this.#process = launched;
    this.#launchedAt = this.#output.length;
  }

  async start(program?: readonly string[]): Promise<void> {
    this.launch(program);
    await this.ready();
  }

  /** Resolves when the process answers that it is ready. @throws Error with its logs when it ends or the deadline passes. */
  async ready(): Promise<void> {
    const launched = this.#process;
    const begin = this.#launchedAt;
    try {
      await until(
        'the server is ready',
        async () => {
          if (launched?.exitCode !== null || launched.signalCode !== null) return 'ended';
          return this.#printedSince(begin).includes(' is ready ') && (await this.#answersReady()) ? 'ready' : undefined;
        },
        { deadlineMs: readyDeadlineMs },
      ).then((outcome) => {
        if (outcome === 'ended') throw new Error('the server has ended instead of getting ready');
      });
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${this.logs}`, { cause });
    }
  }

  /** Waits for the process to end by itself. */
  async exit(deadlineMs = readyDeadlineMs): Promise<Exit> {
    const launched = this.#process;
    if (!launched) throw new Error('the server does not run');
    await until('the server ends', () => (launched.exitCode !== null || launched.signalCode !== null ? true : undefined), { deadlineMs });
    this.#process = undefined;
    return { code: launched.exitCode, signal: launched.signalCode };
  }

  /**
   * Ends the process as a power cut would; the database, a process of its own, goes on. Gives whether it was that which has ended it: it may have
   * ended before.
   */
  async kill9(): Promise<boolean> {
    const launched = this.#process;
    if (!launched) return false;
    const gone = once(launched, 'exit');
    if (launched.exitCode === null && launched.signalCode === null) {
      launched.kill('SIGKILL');
      await gone;
    }
    this.#process = undefined;
    return launched.signalCode === 'SIGKILL';
  }

  /** Asks the process, or with `group` everything in its terminal, to end. Waits until it and its database are gone. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM', group = false): Promise<Exit> {
    const database = await this.databasePid();
    process.kill(group ? -this.pid : this.pid, signal);
    const exit = await this.exit(stopDeadlineMs).catch((cause: unknown) => {
      throw new Error(`the server did not end after ${signal}\n${this.logs}`, { cause });
    });
    if (database !== undefined)
      await untilTrue(`PostgreSQL (${database}) is gone`, () => !isAlive(database), { deadlineMs: stopDeadlineMs });
    return exit;
  }

  /** Starts it again on the same folder and port. */
  async restart(): Promise<void> {
    if (this.#process) await this.stop();
    await this.start();
  }

  /** The embedded database's process. */
  async databasePid(): Promise<number | undefined> {
    const file = await findFile(this.folder, 'postmaster.pid', 3);
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    const pid = Number(text.split('\n')[0]);
    return pid > 0 && isAlive(pid) ? pid : undefined;
  }

  /** Leaves nothing: no process, no database, no temporary folder. */
  async remove(): Promise<void> {
    this.#client?.close();
    if (this.#process) await this.stop().catch(() => this.kill9());
    const database = await this.databasePid();
    if (database !== undefined) {
      process.kill(database, 'SIGINT');
      await untilTrue('PostgreSQL is gone', () => !isAlive(database), { deadlineMs: stopDeadlineMs });
    }
    if (this.#place.isTemporary) await rm(this.folder, { recursive: true, force: true });
  }

  /** What was printed by the process that runs now, where `begin` is its place in the output. */
  #printedSince(begin: number): string {
    return this.#output.slice(begin).join('');
  }

  async #answersReady(): Promise<boolean> {
    const access = await readKubeconfig(this.kubeconfig);
    if (!access || access.url !== (this.#url ?? access.url)) return false;
    const client = this.#client ?? new TributaryClient(access);
    const isReady = await client
      .call('GET', '/readyz')
      .then(({ code }) => code === 200)
      .catch(() => false);
    if (isReady) {
      this.#url = access.url;
      this.#client = client;
    } else if (client !== this.#client) client.close();
    return isReady;
  }
}

/** What must not reach the server from the shell that runs the tests. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(TRIBUTARY_|KAFKA_BROKERS$|DATABASE_URL$|EVENTSTORE_URL$|OTEL_|VITEST|NODE_ENV$|TEST$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), PATH: `${join(project, 'node_modules/.bin')}:${process.env['PATH']}` };
}

export type Access = { readonly url: string; readonly ca: string; readonly token: string };

/** Undefined while it is not there, whole. */
export async function readKubeconfig(file: string): Promise<Access | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const config = parse(text) as { clusters: { cluster: Record<string, string> }[]; users: { user: Record<string, string> }[] } | null;
  const cluster = config?.clusters[0]?.cluster;
  const token = config?.users[0]?.user['token'];
  if (!cluster?.['server'] || !token) return undefined;
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString();
  return { url: new URL(cluster['server']).origin, ca, token };
}

async function findFile(folder: string, name: string, depth: number): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.name === name && entry.isFile())) return join(folder, name);
  if (depth === 0) return undefined;
  for (const entry of entries) {
    const found = entry.isDirectory() ? await findFile(join(folder, entry.name), name, depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Where nobody collects orphans, one that has ended keeps its number.
  return !/\) Z /.test(readStat(pid));
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
