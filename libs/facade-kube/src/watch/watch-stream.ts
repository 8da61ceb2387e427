import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredObject, WatchEvent, WatchSink } from '#workspace';
import { drained } from '../http/send.ts';
import { FlushQueue, type Flushable } from './flush-queue.ts';
import type { Framer } from './frames.ts';

/** A reader that falls behind by this much is cut off; it comes back with the last position it has seen. */
const unreadBytesMax = 8 * 1024 * 1024;

const initialPerTurn = 200;
const queue = new FlushQueue();

/** One watcher's response. Takes events as they come and writes them together. */
export class WatchStream implements WatchSink, Flushable {
  readonly #response: ServerResponse;
  readonly #frame: Framer;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** While the objects that were there first are being written, events wait. */
  #holds = true;
  #endsAfterFlush = false;

  constructor(response: ServerResponse, frame: Framer) {
    this.#response = response;
    this.#frame = frame;
  }

  events(batch: readonly WatchEvent[]): void {
    for (const { type, object } of batch) this.#push(this.#frame(type, object));
  }

  ended(): void {
    this.#endsAfterFlush = true;
    queue.add(this);
  }

  /** Ends at once, without what was not sent yet. */
  cut(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#response.end();
  }

  /** A bookmark or an error, in its turn. */
  send(frame: Buffer): void {
    this.#push(frame);
  }

  /** Writes the objects that were there first, as fast as the client reads, then lets events through. */
  async begin(initial: readonly StoredObject[], then: Buffer | undefined): Promise<void> {
    for (let at = 0; at < initial.length && this.#isOpen; at += initialPerTurn) {
      if (at > 0) await nextTurn();
      if (!this.#isOpen) return;
      const frames = initial.slice(at, at + initialPerTurn).map((object) => this.#frame('ADDED', object));
      if (!this.#response.write(joined(frames)) && !this.#response.destroyed) await drained(this.#response, this.#response);
    }
    if (!this.#isOpen) return;
    if (then !== undefined) this.#response.write(then);
    this.#holds = false;
    if (this.#pending.length > 0 || this.#endsAfterFlush) this.flush();
  }

  get #isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  flush(): void {
    const response = this.#response;
    if (this.#holds || !this.#isOpen) return;
    if (this.#pending.length > 0) {
      const frames = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      writeFrames(response, frames);
    }
    if (this.#endsAfterFlush) response.end();
    else if (response.writableLength > unreadBytesMax) response.destroy();
  }

  #push(frame: Buffer): void {
    if (!this.#isOpen) return;
    if (this.#pending.push(frame) === 1 && !this.#holds) queue.add(this);
    this.#pendingBytes += frame.length;
    if (this.#pendingBytes > unreadBytesMax) this.#response.destroy();
  }
}

/** Many watchers get the same frames: their chunk is made once, and written past node's own framing, which would copy it for each. */
function writeFrames(response: ServerResponse, frames: readonly Buffer[]): void {
  if (response.chunkedEncoding && response.socket) response.socket.write(chunkOf(frames));
  else response.write(joined(frames));
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

function joined(frames: readonly Buffer[]): Buffer {
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}
