import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredObject, WatchEvent, WatchSink } from '#workspace';
import { flushes, type Flushable } from './flush-queue.ts';
import { watchFailureStatus } from '../outage-status.ts';
import { frameOf, type Framer } from './frames.ts';
import type { WatchOutlet } from './watch-outlet.ts';
import { counter } from '#telemetry';

/** A reader that falls behind by this much is cut off; it comes back with the last position it has seen. */
const unreadBytesMax = 8 * 1024 * 1024;

const sent = counter({
  name: 'apiserver_watch_events_total',
  help: 'Events handed to watches, bookmarks and the objects that were there first included.',
});

const initialPerTurn = 200;
const noLabels = {};

/** What one watcher hears. Takes events as they come and writes them together. */
export class WatchStream implements WatchSink, Flushable {
  readonly #outlet: WatchOutlet;
  readonly #frame: Framer;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** While the objects that were there first are being written, events wait. */
  #holds = true;
  #endsAfterFlush = false;
  #endsFor: 'over' | 'goingAway' = 'over';

  constructor(outlet: WatchOutlet, frame: Framer) {
    this.#outlet = outlet;
    this.#frame = frame;
  }

  events(batch: readonly WatchEvent[]): void {
    if (!this.#outlet.isOpen) return;
    for (const { type, object } of batch) this.#push(this.#frame(type, object));
  }

  ended(failure?: unknown): void {
    if (failure !== undefined) this.send(frameOf('ERROR', JSON.stringify(watchFailureStatus(failure))));
    this.endFor('over');
  }

  /** Ends when all is sent. A client whose watch is over asks again here; one whose server is going away, elsewhere. */
  endFor(why: 'over' | 'goingAway'): void {
    this.#endsFor = why;
    this.#endsAfterFlush = true;
    flushes.add(this);
  }

  /** Ends at once, without what was not sent yet: whoever watches may not any longer. */
  cut(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#outlet.end('forbidden');
  }

  /** A bookmark or an error, in its turn. */
  send(frame: Buffer): void {
    if (this.#outlet.isOpen) this.#push(frame);
  }

  /** Writes the objects that were there first, as fast as the client reads, then lets events through. */
  async begin(initial: readonly StoredObject[], then: Buffer | undefined): Promise<void> {
    const outlet = this.#outlet;
    for (let at = 0; at < initial.length && outlet.isOpen; at += initialPerTurn) {
      if (at > 0) await nextTurn();
      if (!outlet.isOpen) return;
      const frames = initial.slice(at, at + initialPerTurn).map((object) => this.#frame('ADDED', object));
      sent.add(noLabels, frames.length);
      if (!outlet.write(frames)) await outlet.drained();
    }
    if (!outlet.isOpen) return;
    if (then !== undefined) outlet.write([then]);
    this.#holds = false;
    if (this.#pending.length > 0 || this.#endsAfterFlush) this.flush();
  }

  flush(): void {
    const outlet = this.#outlet;
    if (this.#holds || !outlet.isOpen) return;
    if (this.#pending.length > 0) {
      const frames = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      sent.add(noLabels, frames.length);
      outlet.broadcast(frames);
    }
    if (this.#endsAfterFlush) outlet.end(this.#endsFor);
    else if (outlet.unreadBytes > unreadBytesMax) outlet.drop();
  }

  #push(frame: Buffer): void {
    if (this.#pending.push(frame) === 1 && !this.#holds) flushes.add(this);
    this.#pendingBytes += frame.length;
    if (this.#pendingBytes > unreadBytesMax) this.#outlet.drop();
  }
}
