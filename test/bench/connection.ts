import { connect, type TLSSocket } from 'node:tls';
import { ResponseReader, type Reply } from './response-reader.ts';

export type Address = { readonly host: string; readonly port: number; readonly ca: string };

/**
 * One HTTP/1.1 connection over TLS that is kept alive, one request at a time. It does little on purpose: on a machine of
 * two cores whatever the load generator spends is taken from the server.
 */
export class Connection {
  readonly #socket: TLSSocket;
  readonly #reader = new ResponseReader();
  #waiting: { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  static open(address: Address): Promise<Connection> {
    return openSocket(address).then((socket) => new Connection(socket));
  }

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      const reply = this.#reader.read(chunk);
      const waiting = this.#waiting;
      if (!reply || !waiting) return;
      this.#waiting = undefined;
      waiting.resolve(reply);
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Sends one whole request, head and body. */
  send(request: string | Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      if (this.#waiting) return reject(new Error('one request at a time'));
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failure = new Error('closed');
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** A response that does not end: every piece of it as it comes, with the framing of the chunks still in it. */
export async function openStream(address: Address, request: string, onBytes: (bytes: Buffer) => void): Promise<{ close(): void }> {
  const socket = await openSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (first: Buffer) => {
      if (first.toString('latin1', 9, 12) === '200') resolve();
      else reject(new Error(`a stream was refused: ${first.toString()}`));
      onBytes(first);
      socket.on('data', onBytes);
    });
    socket.write(request);
  });
  return { close: () => socket.destroy() };
}

function openSocket({ host, port, ca }: Address): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
