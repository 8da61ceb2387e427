import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { LiveTail } from '#stream';
import type { RecordedEvent } from '#stream';
import type { Logger } from '#telemetry';
import type { LogReader } from './log-reader.ts';

const pollMs = 1_000;
const reconnectPauseMax = 2_000;

/** How many events of its own a process keeps until those of others before them are read. Beyond, it reads its own back, too. */
const ownEventsMax = 8_192;

/**
 * After a read of what others append, the next one waits for this many times as long as it took: many small reads would cost those most who
 * write. The busier the machine, the fewer and larger the reads.
 */
const restPerRead = 4;
const restMsMax = 25;
/** So many events are worth a read of their own. */
const gatheredMax = 256n;

type TailReader = Pick<LogReader, 'pageOfAll' | 'pageBetween' | 'headOfAll'>;

/** What the writer's connection is known by, to tell our own notifications. */
type Writer = { readonly backend: { readonly pid: number } | undefined };

/**
 * Feeds subscribers every event once, in order of position: this process's own appends from memory, those of other
 * processes from the database, told of by notification and, should one get lost, by a look at the head each second.
 */
export class CommitTail {
  readonly live = new LiveTail();
  readonly #reader: TailReader;
  readonly #log: Logger;
  /** Everything up to here has been published (or nobody was there to read it). */
  #known: bigint;
  /** Committed for certain. */
  #target: bigint;
  #reading = false;
  /** Until then others are left to append more, by the monotonic clock in milliseconds. */
  #restUntil = 0;
  #wake: (() => void) | undefined;
  /** Groups of this process's own that wait for what others appended before them, in order. */
  #own: (readonly RecordedEvent[])[] = [];
  #ownCount = 0;
  #closed = new AbortController();

  constructor(reader: TailReader, head: bigint, log: Logger) {
    this.#reader = reader;
    this.#known = head;
    this.#target = head;
    this.#log = log;
  }

  /** Appends of this process, just committed, in any order of groups. */
  appended(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last && !this.#reading && follows(this.#known, events)) {
      this.#known = last.position;
      this.live.publish(events);
      // What others wrote behind it may be known of already.
      this.#reach(last.position);
    } else if (last) {
      this.#keep(events);
      this.#wake?.();
      for (const { position } of events) this.#reach(position);
    }
  }

  /** Follows what other processes append, until closed. Where there are none, `others` is absent: only an append of unknown outcome is looked for. */
  start(others?: { readonly url: string; readonly writer: Writer }): void {
    if (others) void this.#listen(others.url, others.writer);
    void this.#poll();
  }

  close(): void {
    this.#closed.abort();
    this.#wake?.();
  }

  /** Somebody has committed up to here. */
  heard(position: bigint): void {
    this.#reach(position);
    if (this.#isMuch) this.#wake?.();
  }

  get #isMuch(): boolean {
    return this.#target - this.#known >= gatheredMax;
  }

  #reach(position: bigint): void {
    if (position > this.#target) this.#target = position;
    if (this.#target > this.#known && !this.#reading) void this.#catchUp();
  }

  /** What comes again is not kept: it stands before what was published last, or will be read. */
  #keep(events: readonly RecordedEvent[]): void {
    const first = events[0]?.position ?? 0n;
    const before = this.#own.at(-1)?.at(-1)?.position ?? this.#known;
    if (first <= before || !follows(first - 1n, events) || this.#ownCount + events.length > ownEventsMax || this.live.followers === 0)
      return;
    this.#own.push(events);
    this.#ownCount += events.length;
  }

  async #catchUp(): Promise<void> {
    this.#reading = true;
    try {
      while (this.#known < this.#target && !this.#closed.signal.aborted) {
        const target = this.#target;
        const own = this.#nextOwn();
        const isNext = own !== undefined && follows(this.#known, own);
        const page = isNext ? own : await this.#read(own?.[0]?.position);
        const last = page.at(-1);
        const before = own?.[0] ? own[0].position - 1n : target;
        this.#known = last ? last.position : before;
        if (last && last.position > this.#target) this.#target = last.position;
        if (last) this.live.publish(page);
      }
    } catch (error) {
      // The next notification, append or poll tries again.
      if (!this.#closed.signal.aborted) this.#log.warn({ err: error }, 'could not read what was appended');
    } finally {
      this.#reading = false;
    }
  }

  /** The oldest group of our own that is not published yet. */
  #nextOwn(): readonly RecordedEvent[] | undefined {
    for (;;) {
      const own = this.#own[0];
      if (!own || (own[0]?.position ?? 0n) > this.#known) return own;
      this.#own.shift();
      this.#ownCount -= own.length;
    }
  }

  /** What stands behind the events known, up to the next that we have ourselves. A subscriber that comes later reads the past itself. */
  async #read(before: bigint | undefined): Promise<readonly RecordedEvent[]> {
    if (this.live.followers === 0) return [];
    // What others append between our own groups is read piece by piece, and must not fall behind.
    if (before !== undefined) return this.#reader.pageBetween(this.#known, before);
    await this.#gathered();
    const began = performance.now();
    const page = await this.#reader.pageOfAll(this.#known);
    const ended = performance.now();
    this.#restUntil = ended + Math.min(restMsMax, (ended - began) * restPerRead);
    return page;
  }

  #gathered(): Promise<void> {
    const ms = this.#restUntil - performance.now();
    if (ms <= 0 || this.#isMuch || this.#closed.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }

  async #poll(): Promise<void> {
    while (await this.#paused(pollMs)) {
      if (this.live.followers === 0) continue;
      const head = await this.#reader.headOfAll().catch(() => undefined);
      if (head !== undefined) this.#reach(head);
    }
  }

  async #listen(url: string, writer: Writer): Promise<void> {
    for (let wait = 50; !this.#closed.signal.aborted; wait = Math.min(wait * 2, reconnectPauseMax)) {
      const client = new pg.Client({
        connectionString: url,
        application_name: 'tributary listener',
        keepAlive: true,
        connectionTimeoutMillis: 5_000,
      });
      const ended = new Promise<void>((resolve) => client.once('end', resolve).on('error', () => resolve()));
      const end = (): void => void client.end().catch(() => undefined);
      this.#closed.signal.addEventListener('abort', end);
      client.on('notification', ({ processId, payload }) => {
        if (processId !== writer.backend?.pid && payload) this.heard(BigInt(payload));
      });
      try {
        await client.connect();
        await client.query('LISTEN tributary_log');
        wait = 50;
        await ended;
      } catch (error) {
        this.#log.debug({ err: error }, 'could not listen for appends of other processes');
      } finally {
        this.#closed.signal.removeEventListener('abort', end);
        end();
      }
      await this.#paused(wait);
    }
  }

  /** False when closed meanwhile. */
  #paused(ms: number): Promise<boolean> {
    return pause(ms, undefined, { signal: this.#closed.signal, ref: false }).then(
      () => true,
      () => false,
    );
  }
}

function follows(known: bigint, events: readonly RecordedEvent[]): boolean {
  return events.every(({ position }, index) => position === known + BigInt(index) + 1n);
}
