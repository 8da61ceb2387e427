import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TributaryClient } from '../../servers/tributary-client.ts';
import { freePort } from '../../servers/free-port.ts';
import { RoleProcess } from '../../servers/tributary-role.ts';
import { prepareTributary, type TributaryServer } from '../../servers/tributary.ts';

export type Api = {
  readonly process: RoleProcess;
  readonly url: string;
  readonly client: TributaryClient;
  /** One who asks it at another address, such as that of something between. */
  readonly at: (address: string) => TributaryClient;
};

export type ClusterOptions = {
  readonly databaseUrl: string;
  /** What the processes are told to reach it by, where that is another. */
  readonly wayToDatabase?: string;
  /** What the bridge is told to reach it by, where that is another still. */
  readonly wayOfBridge?: string;
  /** Where the log is, if not in that database. */
  readonly eventStoreUrl?: string;
  /** Brokers and prefix; without them there is no bridge. */
  readonly kafka?: Readonly<Record<'KAFKA_BROKERS' | 'TRIBUTARY_TOPIC_PREFIX', string>>;
};

/** Two api processes, a projector and, with brokers, a bridge, over one database. None of them is special. */
export class Cluster {
  readonly folder: string;
  readonly apis: readonly [Api, Api];
  readonly projector: RoleProcess;
  readonly bridge: RoleProcess | undefined;
  readonly #installed: TributaryServer;
  readonly #joined: RoleProcess[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #turn = 0;

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { databaseUrl, wayToDatabase = databaseUrl, wayOfBridge = wayToDatabase, eventStoreUrl, kafka } = options;
    // All in one process first: it makes the keys, the certificates and the demo's offer.
    const more = { ...(eventStoreUrl === undefined ? {} : { EVENTSTORE_URL: eventStoreUrl }), ...kafka };
    const installed = await prepareTributary({ env: { DATABASE_URL: databaseUrl, ...more }, flags: kafka ? [] : ['--no-demo'] });
    await installed.start();
    await installed.stop();
    const env = {
      DATABASE_URL: wayToDatabase,
      TRIBUTARY_DATA: installed.folder,
      TRIBUTARY_MASTER_KEY_FILE: join(installed.folder, 'master.keys'),
      ...more,
    };
    const cluster = new Cluster(installed, env, {
      apis: [await apiProcess(installed.folder, env), await apiProcess(installed.folder, env)],
      projector: new RoleProcess('projector', env),
      bridge: kafka && new RoleProcess('bridge', { ...env, DATABASE_URL: wayOfBridge }),
    });
    await Promise.all(cluster.processes.map((each) => each.start()));
    return cluster;
  }

  private constructor(
    installed: TributaryServer,
    env: Readonly<Record<string, string>>,
    { apis, projector, bridge }: Pick<Cluster, 'apis' | 'projector' | 'bridge'>,
  ) {
    this.#installed = installed;
    this.#env = env;
    this.folder = installed.folder;
    this.apis = apis;
    this.projector = projector;
    this.bridge = bridge;
  }

  get processes(): readonly RoleProcess[] {
    return [...this.apis.map((api) => api.process), this.projector, ...(this.bridge ? [this.bridge] : []), ...this.#joined];
  }

  /** Those that have ended, though nobody asked them to. */
  get gone(): readonly string[] {
    return this.processes.flatMap((each, index) => (each.isRunning ? [] : [`${each.role} ${index}`]));
  }

  get logs(): string {
    return this.processes.map((each, index) => `--- ${each.role} ${index} ---\n${each.logs}`).join('\n');
  }

  /** One more process beside the others. */
  async join(role: 'projector' | 'bridge'): Promise<RoleProcess> {
    const joined = new RoleProcess(role, this.#env);
    this.#joined.push(joined);
    await joined.start();
    return joined;
  }

  /** Each in turn, whether it is up or not: clients do not know. */
  get nextClient(): TributaryClient {
    return this.apis[this.#turn++ % 2 === 0 ? 0 : 1].client;
  }

  /** Ends all as an operator does. Gives those that did not end well. */
  async stop(): Promise<readonly string[]> {
    const ends = await Promise.all(
      this.processes.map(async (each) => {
        const exit = await each.stop();
        return exit?.code === 0 ? [] : [`the ${each.role} ended with ${exit?.code ?? exit?.signal ?? 'nothing: it did not run'}`];
      }),
    );
    return ends.flat();
  }

  async remove(): Promise<void> {
    for (const { client } of this.apis) client.close();
    for (const each of this.processes) {
      each.resume();
      if (each.isRunning) await each.kill9();
    }
    await this.#installed.remove();
  }
}

async function apiProcess(folder: string, env: Readonly<Record<string, string>>): Promise<Api> {
  const port = await freePort();
  const [ca, token] = await Promise.all(
    [join('certificates', 'ca.crt'), 'admin.token'].map(async (file) => (await readFile(join(folder, file), 'utf8')).trim()),
  );
  const url = `https://127.0.0.1:${port}`;
  const at = (address: string): TributaryClient => new TributaryClient({ url: address, ca: ca ?? '', token: token ?? '' });
  const process = new RoleProcess('api', { ...env, TRIBUTARY_LISTEN: `127.0.0.1:${port}` });
  return { process, url, client: at(url), at };
}
