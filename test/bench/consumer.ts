import { Connection, type Address } from './connection.ts';
import { benchExport, benchSchema } from './bench-export.ts';
import { until } from './pace.ts';
import type { Reply } from './response-reader.ts';

export type Target = { readonly address: Address; readonly token: string };

type Named = {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

const accountsPath = (workspace: string): string => `/clusters/${workspace}/apis/core.platform-mesh.io/v1alpha1/accounts`;
const bindingsPath = (workspace: string): string => `/clusters/${workspace}/apis/apis.kcp.io/v1alpha2/apibindings`;
export const instancesPath = (workspace: string): string =>
  `/clusters/${workspace}/apis/bench.tributary.io/v1alpha1/namespaces/default/httpbins`;
export { accountsPath };

export const orgPath = 'root:orgs:bench';
const providerPath = 'root:providers:bench';

/** A whole request as text: keep-alive, with a bearer token. */
export function requestText({ address, token }: Target, method: string, path: string, body = ''): string {
  const content = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${address.host}:${address.port}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\nUser-Agent: tributary-bench\r\n`;
  return `${head}${content}\r\n${body}`;
}

/** What the benchmark does as a consumer and as a provider before it measures. */
export class Consumer {
  readonly target: Target;
  readonly #connection: Connection;

  static async of(server: Target): Promise<Consumer> {
    return new Consumer(server, await Connection.open(server.address));
  }

  private constructor(target: Target, connection: Connection) {
    this.target = target;
    this.#connection = connection;
  }

  close(): void {
    this.#connection.close();
  }

  /** @throws Error with the answer unless it is 200 or 201. */
  async ask(method: string, path: string, body?: object): Promise<Reply> {
    const reply = await this.#connection.send(requestText(this.target, method, path, body && JSON.stringify(body)));
    if (reply.status !== 200 && reply.status !== 201)
      throw new Error(`${method} ${path} was answered ${reply.status}: ${reply.body.toString()}`);
    return reply;
  }

  /** The status of a GET by whoever has the document with this hash already. */
  async askWhetherChanged(path: string, hash: string): Promise<number> {
    const request = requestText(this.target, 'GET', path).replace('\r\n\r\n', `\r\nIf-None-Match: "${hash}"\r\n\r\n`);
    return (await this.#connection.send(request)).status;
  }

  /** Opens an organisation, and a provider whose export every account below may bind. */
  async openHouse(): Promise<void> {
    await this.openAccount('root:providers', 'bench', 'account');
    await this.ask('POST', `/clusters/${providerPath}/apis/apis.kcp.io/v1alpha1/apiresourceschemas`, benchSchema);
    await this.ask('POST', `/clusters/${providerPath}/apis/apis.kcp.io/v1alpha2/apiexports`, benchExport);
    await this.openAccount('root:orgs', 'bench', 'org');
  }

  /** Opens an account and waits until it is Ready. Answers its path. */
  async openAccount(parent: string, name: string, type: 'org' | 'account'): Promise<string> {
    await this.ask('POST', accountsPath(parent), accountOf(name, type));
    await until(`account ${name} is Ready`, async () => isReady(await this.#get(`${accountsPath(parent)}/${name}`)) || undefined);
    return `${parent}:${name}`;
  }

  /** Opens an account that has the benchmark's kind bound. Answers its path. */
  async openBoundAccount(name: string): Promise<string> {
    const workspace = await this.openAccount(orgPath, name, 'account');
    const binding = {
      apiVersion: 'apis.kcp.io/v1alpha2',
      kind: 'APIBinding',
      metadata: { name: 'bench' },
      spec: { reference: { export: { path: providerPath, name: benchExport.metadata.name } } },
    };
    await this.ask('POST', bindingsPath(workspace), binding);
    await until(
      `the binding in ${workspace} is Bound`,
      async () => (await this.#get(`${bindingsPath(workspace)}/bench`)).status?.phase === 'Bound' || undefined,
    );
    return workspace;
  }

  async #get(path: string): Promise<Named> {
    return JSON.parse((await this.ask('GET', path)).body.toString()) as Named;
  }
}

const quietMs = 8;
const quietAnswers = 20;

/** Resolves when the server has nothing else to do: right after a start it still reads code that it will need later. */
export async function quiet(consumer: Consumer, path: string): Promise<void> {
  let fast = 0;
  await until('the server is quiet', async () => {
    const began = performance.now();
    await consumer.ask('GET', path);
    fast = performance.now() - began < quietMs ? fast + 1 : 0;
    return fast >= quietAnswers ? true : undefined;
  });
}

export const accountOf = (name: string, type: 'org' | 'account'): object => ({
  apiVersion: 'core.platform-mesh.io/v1alpha1',
  kind: 'Account',
  metadata: { name },
  spec: { type, displayName: `Benchmark ${name}` },
});

export const isReady = ({ status }: Named): boolean =>
  status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;
