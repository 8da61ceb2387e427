import type { ExecutionResult } from 'graphql';
import type { Outlet, Visit } from '../visit.ts';
import type { LiveSink } from './following.ts';
import type { LiveFrame } from './projection.ts';

/** A reader that falls behind by this much is cut off; it comes back with the last version that it has seen. */
const unreadBytesMax = 8 * 1024 * 1024;
/** So much may wait before the next of the first objects are told. */
const waitingBytesMax = 64 * 1024;
const heartbeatMs = 12_000;

const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' };
const completion = Buffer.from('event: complete\ndata:\n\n');
const heartbeat = Buffer.from(':\n\n');

const open = new Set<EventStream>();
let beating: NodeJS.Timeout | undefined;

/** Results as events of one response. https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode */
export class EventStream implements LiveSink {
  readonly #visit: Pick<Visit, 'writeSoon'>;
  readonly #outlet: Outlet;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isComplete = false;

  constructor(visit: Visit) {
    this.#visit = visit;
    this.#outlet = visit.stream(headers);
    // Proxies and clients take silence for a connection that is gone.
    open.add(this);
    beating ??= setInterval(beat, heartbeatMs).unref();
    visit.response.once('close', () => open.delete(this));
    visit.whenDraining(() => this.leave());
  }

  get isOpen(): boolean {
    return this.#outlet.isOpen && !this.#isComplete;
  }

  next(frame: LiveFrame): void {
    this.#push(frame.event);
  }

  /** A result that nobody shares. */
  result(result: ExecutionResult): void {
    this.#push(Buffer.from(`event: next\ndata: ${JSON.stringify(result)}\n\n`));
  }

  room(): Promise<void> | undefined {
    if (this.#outlet.unreadBytes + this.#pendingBytes <= waitingBytesMax) return undefined;
    this.flush();
    return this.#outlet.unreadBytes > waitingBytesMax ? this.#outlet.drained() : undefined;
  }

  complete(): void {
    this.#push(completion);
    this.#isComplete = true;
  }

  /** Ends without saying that all has been told: the client takes up where it was, with another server. */
  leave(): void {
    this.flush();
    this.#isComplete = true;
    this.#outlet.end();
  }

  beat(): void {
    if (this.isOpen && this.#pending.length === 0) this.#outlet.broadcast([heartbeat]);
  }

  flush(): void {
    if (!this.#outlet.isOpen) return;
    if (this.#pending.length > 0) {
      const pieces = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#outlet.broadcast(pieces);
    }
    if (this.#isComplete) this.#outlet.end();
    else if (this.#outlet.unreadBytes > unreadBytesMax) this.#outlet.drop();
  }

  #push(piece: Buffer): void {
    if (!this.isOpen) return;
    if (this.#pending.push(piece) === 1) this.#visit.writeSoon(this);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes > unreadBytesMax) this.#outlet.drop();
  }
}

function beat(): void {
  for (const stream of open) stream.beat();
  if (open.size > 0) return;
  clearInterval(beating);
  beating = undefined;
}
