import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Child } from './child.ts';
import { Connection, type Address } from './connection.ts';
import { collecting, Collections } from '../servers/collecting.ts';
import { freePort } from '../servers/free-port.ts';
import { until } from './pace.ts';

const main = resolve(import.meta.dirname, '../../apps/tributary/src/main.ts');

export type ServerOptions = {
  /** An existing data folder, to start again on it; a new one is made when absent. */
  readonly folder?: string;
  readonly port?: number;
  readonly kafkaBrokers?: readonly string[];
  /** A folder where node leaves a CPU profile when the server ends. */
  readonly profiles?: string | undefined;
  /** Whether it can be asked what a collection leaves. */
  readonly collects?: boolean;
};

/** What the benchmark is about: one process in embedded mode on a folder of its own, as `npm start -- --no-demo` starts it. */
export class TributaryServer {
  readonly address: Address;
  readonly token: string;
  readonly folder: string;
  /** From the start of the process to the first answer to an authenticated request, in milliseconds. */
  readonly startedInMs: number;
  /** Where it was asked for. */
  readonly collections: Collections | undefined;
  readonly #child: Child;

  static async start(options: ServerOptions = {}): Promise<TributaryServer> {
    const folder = options.folder ?? (await newFolder());
    const port = options.port ?? (await freePort());
    const flags = options.profiles ? ['--cpu-prof', `--cpu-prof-dir=${options.profiles}`] : [];
    const collectedFile = `${folder}.collected`;
    const began = performance.now();
    const child = await Child.start({
      file: main,
      flags,
      arguments: ['--data', folder, '--listen', `127.0.0.1:${port}`, '--no-demo'],
      env: {
        DATABASE_URL: '',
        KAFKA_BROKERS: options.kafkaBrokers?.join(',') ?? '',
        TRIBUTARY_TOKEN_FILE: '',
        ...(options.collects ? collecting(collectedFile) : {}),
      },
      outputFile: `${folder}.output`,
    });
    const place = { host: '127.0.0.1', port };
    const { ca, token } = await until('the server answers', () => answers(child, place, folder));
    const startedInMs = performance.now() - began;
    const collections = options.collects ? new Collections(child.pid, collectedFile) : undefined;
    return new TributaryServer(child, { address: { ...place, ca }, token, folder, startedInMs, collections });
  }

  private constructor(child: Child, facts: Pick<TributaryServer, 'address' | 'token' | 'folder' | 'startedInMs' | 'collections'>) {
    this.#child = child;
    this.address = facts.address;
    this.token = facts.token;
    this.folder = facts.folder;
    this.startedInMs = facts.startedInMs;
    this.collections = facts.collections;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it as Ctrl-C does, PostgreSQL included; the folder stays. */
  stop(): Promise<void> {
    return this.#child.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
    for (const file of ['output', 'collected']) await rm(`${this.folder}.${file}`, { force: true });
  }
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  // Where we are root another user runs PostgreSQL, in a folder inside this one.
  await chmod(folder, 0o711);
  return folder;
}

async function answers(child: Child, place: Omit<Address, 'ca'>, folder: string): Promise<{ ca: string; token: string } | undefined> {
  await child.assertRunning();
  let connection: Connection | undefined;
  try {
    const ca = await readFile(join(folder, 'certificates/ca.crt'), 'utf8');
    const token = (await readFile(join(folder, 'admin.token'), 'utf8')).trim();
    connection = await Connection.open({ ...place, ca });
    const head = `Host: ${place.host}:${place.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const ready = await connection.send(`GET /readyz HTTP/1.1\r\n${head}`);
    const asked =
      ready.status === 200 ? await connection.send(`GET /clusters/root:orgs/api/v1/namespaces/default HTTP/1.1\r\n${head}`) : ready;
    return asked.status === 200 ? { ca, token } : undefined;
  } catch {
    return undefined;
  } finally {
    connection?.close();
  }
}
