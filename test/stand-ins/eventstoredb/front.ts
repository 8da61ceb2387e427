import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The way to a node, which can be cut: clients connect here, never to the gRPC server itself. */
export class Front {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #away = false;

  static async open(target: () => number): Promise<Front> {
    const front = new Front(target);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      if (this.#away) return void near.destroy();
      const far = connect(target(), '127.0.0.1');
      for (const each of [near, far]) {
        this.#sockets.add(each.setNoDelay(true));
        each.on('error', () => undefined).on('close', () => this.#sockets.delete(each));
      }
      near.pipe(far);
      far.pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection that is open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As a node that went away: connections break, and none can be made. */
  goAway(away: boolean): void {
    this.#away = away;
    if (away) this.cut();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
