import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { freePort } from '../servers/free-port.ts';
import { until } from './pace.ts';

const { root } = protobuf.parse(await readFile(resolve(import.meta.dirname, 'etcd-kv.proto'), 'utf8'));
const putRequest = root.lookupType('etcdserverpb.PutRequest');

/** Where etcd is, and its version: named by `ETCD`, else on the PATH. Undefined where there is none. */
export function findEtcd(): { readonly program: string; readonly version: string } | undefined {
  const program = process.env['ETCD'] ?? 'etcd';
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const version = /etcd Version: (\S+)/.exec(stdout ?? '')?.[1];
  return status === 0 && version !== undefined ? { program, version } : undefined;
}

/** One member, as it is started by default: every put is synced to disk before it is answered. */
export class EtcdServer {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #clients: readonly Client[];
  #turn = 0;

  static async start(program: string, connections: number): Promise<EtcdServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-etcd-'));
    const [clientPort, peerPort] = [await freePort(), await freePort()];
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
    const flags = [
      `--data-dir=${folder}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
    ];
    const child = spawn(program, flags, { stdio: 'ignore' });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const address = `127.0.0.1:${clientPort}`;
    // Without it, all clients of one address share one connection.
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    const clients = Array.from({ length: connections }, () => new Client(address, credentials.createInsecure(), options));
    const server = new EtcdServer(child, folder, clients);
    await until('etcd takes a put', () =>
      server.put('first', Buffer.from('1')).then(
        () => true,
        () => undefined,
      ),
    );
    return server;
  }

  private constructor(child: ChildProcess, folder: string, clients: readonly Client[]) {
    this.pid = child.pid ?? 0;
    this.#process = child;
    this.#folder = folder;
    this.#clients = clients;
  }

  /** Resolves when it is durable. */
  put(key: string, value: Buffer): Promise<void> {
    const client = this.#clients[this.#turn++ % this.#clients.length];
    return new Promise((resolve, reject) => {
      client?.makeUnaryRequest('/etcdserverpb.KV/Put', encode, ignore, { key: Buffer.from(key), value }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  async remove(): Promise<void> {
    for (const client of this.#clients) client.close();
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

type Put = { readonly key: Buffer; readonly value: Buffer };

const encode = (put: Put): Buffer => Buffer.from(putRequest.encode(put).finish());
const ignore = (): undefined => undefined;
