import type { ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { beginResponse, drained, jsonHeaders } from '../http/send.ts';
import type { ResourceExchange } from '../exchange.ts';
import { closeCodes, type Upgrade } from '../websocket/upgrade.ts';

/** Where a watch's frames go. Whatever it is, the exchange's response emits `close` when it is gone. */
export type WatchOutlet = {
  readonly isOpen: boolean;
  /** What the client has not taken yet. */
  readonly unreadBytes: number;
  /** Sends the head of the answer, before any frame. */
  open(exchange: ResourceExchange): void;
  /** Frames in their order; false where it is time to wait for `drained`. */
  write(frames: readonly Buffer[]): boolean;
  drained(): Promise<void>;
  /** The same for frames that many watchers get at once, and that wait for nobody. */
  broadcast(frames: readonly Buffer[]): void;
  end(why: keyof typeof closeCodes): void;
  /** Breaks the connection off. */
  drop(): void;
};

export function outletOf({ response, upgrade }: Pick<ResourceExchange, 'response' | 'upgrade'>): WatchOutlet {
  return upgrade === undefined ? new HttpOutlet(response) : new WebSocketOutlet(upgrade);
}

/** One event per line, in chunks. */
export class HttpOutlet implements WatchOutlet {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  open(exchange: ResourceExchange): void {
    const { deprecationWarning } = exchange.version;
    beginResponse(exchange, 200, jsonHeaders, deprecationWarning === undefined ? [] : [deprecationWarning]);
    this.#response.flushHeaders();
  }

  write(frames: readonly Buffer[]): boolean {
    return this.#response.write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
  }

  /** Their chunk is made once, and written past node's own framing, which would copy it for each. */
  broadcast(frames: readonly Buffer[]): void {
    const response = this.#response;
    if (response.chunkedEncoding && response.socket) response.socket.write(chunkOf(frames));
    else this.write(frames);
  }

  drained(): Promise<void> {
    const response = this.#response;
    return response.destroyed ? Promise.resolve() : drained(response, response);
  }

  end(): void {
    this.#response.end();
  }

  drop(): void {
    this.#response.destroy();
  }
}

let lastFrames: readonly Buffer[] = [];
let lastChunk: Buffer = Buffer.alloc(0);

/** https://www.rfc-editor.org/rfc/rfc9112#section-7.1 */
function chunkOf(frames: readonly Buffer[]): Buffer {
  if (frames.length === lastFrames.length && frames.every((frame, index) => frame === lastFrames[index])) return lastChunk;
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  lastFrames = frames;
  lastChunk = Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`, 'latin1'), ...frames, lineEnd]);
  return lastChunk;
}

const lineEnd = Buffer.from('\r\n', 'latin1');

/** So much may wait in the connection before the next of the first objects are put to it. */
const waitingBytesMax = 64 * 1024;
const lookAgainMs = 5;

/** One text message per event. */
class WebSocketOutlet implements WatchOutlet {
  readonly #upgrade: Upgrade;
  #webSocket: WebSocket | undefined;
  #ended = false;

  constructor(upgrade: Upgrade) {
    this.#upgrade = upgrade;
  }

  get isOpen(): boolean {
    return !this.#ended && (this.#webSocket === undefined || this.#webSocket.readyState === this.#webSocket.OPEN);
  }

  get unreadBytes(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  open(): void {
    this.#webSocket = this.#upgrade.accept();
    this.#ended ||= this.#webSocket === undefined;
  }

  write(frames: readonly Buffer[]): boolean {
    for (const frame of frames) this.#webSocket?.send(frame, asText);
    return this.unreadBytes <= waitingBytesMax;
  }

  broadcast(frames: readonly Buffer[]): void {
    this.write(frames);
  }

  /** A WebSocket does not say when it has sent all, so that it is looked at. */
  async drained(): Promise<void> {
    while (this.isOpen && this.unreadBytes > waitingBytesMax) await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }

  end(why: keyof typeof closeCodes): void {
    this.#ended = true;
    this.#webSocket?.close(closeCodes[why]);
  }

  drop(): void {
    this.#ended = true;
    this.#webSocket?.terminate();
  }
}

const asText = { binary: false } as const;
