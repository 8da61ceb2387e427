import { Connection, type Address } from './connection.ts';
import type { Reply } from './response-reader.ts';

/** Sends each request on a free connection; where none is free, in the order of asking. */
export class ConnectionPool {
  readonly #all: readonly Connection[];
  readonly #free: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  static async open(address: Address, size: number): Promise<ConnectionPool> {
    return new ConnectionPool(await Promise.all(Array.from({ length: size }, () => Connection.open(address))));
  }

  private constructor(connections: readonly Connection[]) {
    this.#all = connections;
    this.#free = [...connections];
  }

  /** `request` is made when its turn has come. */
  async send(request: () => string): Promise<Reply> {
    const connection = this.#free.pop() ?? (await new Promise<Connection>((resolve) => this.#waiting.push(resolve)));
    try {
      return await connection.send(request());
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#free.push(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}
