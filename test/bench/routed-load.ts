import { Connection } from './connection.ts';
import { requestText, type Target } from './consumer.ts';
import { Latencies } from './latencies.ts';
import type { Round } from './load.ts';

/** Which of `servers` a request for an account goes to. */
export type Route = (account: string, servers: number) => number;

/** The rendezvous hash: each account has its server, and one more server takes an even share from all others. */
export const byRendezvous: Route = (account, servers) => {
  const weights = Array.from({ length: servers }, (_, server) => hash(`${account}@${server}`));
  return weights.indexOf(Math.max(...weights));
};

export const byChance: Route = (_, servers) => Math.floor(Math.random() * servers);

type Create = (account: string, serial: number) => { readonly path: string; readonly body: string };
type Client = { readonly account: string; readonly connections: readonly Connection[] };

/** A client for each account that sends its next request as soon as the last one is answered, to the server that the route says. */
export class RoutedLoad {
  readonly #clients: readonly Client[];
  readonly #targets: readonly Target[];
  readonly #create: Create;
  #serial = 0;

  static async open(targets: readonly Target[], accounts: readonly string[], create: Create): Promise<RoutedLoad> {
    const clients = accounts.map(async (account) => ({
      account,
      connections: await Promise.all(targets.map(({ address }) => Connection.open(address))),
    }));
    return new RoutedLoad(targets, await Promise.all(clients), create);
  }

  private constructor(targets: readonly Target[], clients: readonly Client[], create: Create) {
    this.#targets = targets;
    this.#clients = clients;
    this.#create = create;
  }

  /** Loads for this long. @throws Error at any answer but 201 */
  async run(route: Route, seconds: number): Promise<Round> {
    const latencies = new Latencies();
    const began = performance.now();
    const one = async ({ account, connections }: Client): Promise<void> => {
      while (performance.now() - began < seconds * 1000) {
        const server = route(account, connections.length);
        const { path, body } = this.#create(account, this.#serial++);
        const text = requestText(this.#targets[server]!, 'POST', path, body);
        const sentAt = performance.now();
        const reply = await connections[server]!.send(text);
        if (reply.status !== 201) throw new Error(`a create was answered ${reply.status}: ${reply.body.toString()}`);
        latencies.push(performance.now() - sentAt);
      }
    };
    await Promise.all(this.#clients.map(one));
    return { answers: latencies.count, seconds: (performance.now() - began) / 1000, latencies };
  }

  close(): void {
    for (const { connections } of this.#clients) for (const connection of connections) connection.close();
  }
}

/** FNV-1a with a last mix, so that names that differ in one letter are far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
