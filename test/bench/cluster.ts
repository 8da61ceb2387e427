import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '#adapter-postgres';
import { silentLogger } from '#telemetry';
import { Child } from './child.ts';
import { Connection } from './connection.ts';
import type { Target } from './consumer.ts';
import { freePort } from '../servers/free-port.ts';
import { until } from './pace.ts';
import type { Bench } from './part.ts';

const apps = resolve(import.meta.dirname, '../../apps');

export type ApiProcess = Target & { readonly pid: number; readonly stop: () => Promise<void> };

/** Roles as processes of their own over one PostgreSQL. Everything ends when the part ends. */
export class Cluster {
  readonly #bench: Bench;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #started = 0;

  static async start(bench: Bench): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-cluster-'));
    // Where we are root another user runs PostgreSQL, in a folder inside this one.
    await chmod(folder, 0o711);
    bench.atEnd(() => rm(folder, { recursive: true, force: true }));
    const database = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: silentLogger });
    bench.atEnd(() => database.stop());
    return new Cluster(bench, folder, database.url);
  }

  private constructor(bench: Bench, folder: string, databaseUrl: string) {
    this.#bench = bench;
    this.#folder = folder;
    const none = { KAFKA_BROKERS: '', EVENTSTORE_URL: '', TRIBUTARY_TOKEN_FILE: '' };
    this.#env = { ...none, DATABASE_URL: databaseUrl, TRIBUTARY_DATA: folder };
  }

  /** Answers its pid when it runs; whether it is ready, what it does will tell. */
  async startProjector(): Promise<number> {
    return (await this.#start('projector', {})).pid;
  }

  /** Answers when it serves. All API processes have one certificate, and one administrator. */
  async startApi(): Promise<ApiProcess> {
    const port = await freePort();
    const child = await this.#start('api', { TRIBUTARY_LISTEN: `127.0.0.1:${port}` });
    const target = await until('an API process serves', async () => {
      await child.assertRunning();
      return this.#served(port).catch(() => undefined);
    });
    return { ...target, pid: child.pid, stop: () => child.stop() };
  }

  async #served(port: number): Promise<Target | undefined> {
    const ca = await readFile(join(this.#folder, 'certificates/ca.crt'), 'utf8');
    const token = (await readFile(join(this.#folder, 'admin.token'), 'utf8')).trim();
    const address = { host: '127.0.0.1', port, ca };
    const connection = await Connection.open(address);
    const { status } = await connection.send(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    connection.close();
    return status === 200 ? { address, token } : undefined;
  }

  async #start(role: 'api' | 'projector', env: Readonly<Record<string, string>>): Promise<Child> {
    const profiles = this.#bench.profiles;
    const child = await Child.start({
      file: join(apps, role, 'src/main.ts'),
      flags: profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
      arguments: [],
      env: { ...this.#env, ...env },
      outputFile: join(this.#folder, `${role}-${this.#started++}.output`),
    });
    this.#bench.atEnd(() => child.stop());
    return child;
  }
}
