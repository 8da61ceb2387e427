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

/**
 * A response that does not end: every piece of it as it comes, with the framing of the chunks still in it. All streams are read into one
 * buffer, whose contents are gone with the next piece: with one of its own for each piece, a thousand streams would keep this process
 * collecting garbage, and what it measured would be its own pauses.
 */
export async function openStream(address: Address, request: string, onBytes: (bytes: Buffer) => void): Promise<{ close(): void }> {
  const opening = Promise.withResolvers<void>();
  let isOpen = false;
  const socket = await openSocket(address, (bytes) => {
    if (isOpen) return onBytes(bytes);
    isOpen = true;
    if (bytes.toString('latin1', 9, 12) !== '200') return opening.reject(new Error(`a stream was refused: ${bytes.toString()}`));
    opening.resolve();
    onBytes(bytes);
  });
  socket.once('error', opening.reject);
  socket.write(request);
  await opening.promise;
  return { close: () => socket.destroy() };
}

const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Without `onRead` it is a stream as any other. */
function openSocket({ host, port, ca }: Address, onRead?: (bytes: Buffer) => void): Promise<TLSSocket> {
  const callback = (length: number): boolean => (onRead?.(readBuffer.subarray(0, length)), true);
  const reading = onRead === undefined ? {} : { onread: { buffer: readBuffer, callback } };
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca, ...reading });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
