import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { LogUnavailable } from '#stream';
import type { AppendResult, Behind, EventLog, NewEvent, ReadPast, RecordedEvent } from '#stream';
import { silentLogger } from '#telemetry';
import type { Logger } from '#telemetry';
import { assertUuid } from './binary-array.ts';
import { CommitTail } from './commit-tail.ts';
import { GroupCommit } from './group-commit.ts';
import { LogReader } from './log-reader.ts';
import { LostBackends } from './lost-backends.ts';
import { WriterConnection } from './writer-connection.ts';

export type PostgresEventLogOptions = {
  /** A database that `migrate` has brought up to date. */
  readonly url: string;
  readonly log?: Logger;
  /** How long an append or a read waits for a server that went away, in milliseconds, before it is `LogUnavailable`. */
  readonly patienceMs?: number;
  /** Whether no other process appends to this database: then nothing has to be listened for. */
  readonly soleWriter?: boolean;
  readonly readConnectionsMax?: number;
};

type Writing = { readonly url: string; readonly patienceMs: number; readonly soleWriter: boolean };

const patienceMsDefault = 5_000;
const readConnectionsMaxDefault = 4;
const retryPauseMs = 200;

/** The log in PostgreSQL. Any number of processes may write to one database. */
export class PostgresEventLog implements EventLog {
  readonly #pool: pg.Pool;
  readonly #reader: LogReader;
  readonly #writer: WriterConnection;
  readonly #tail: CommitTail;
  readonly #commits: GroupCommit;
  readonly #lost: LostBackends | undefined;

  /** @throws LogUnavailable when the database cannot be reached. */
  static async open({
    url,
    log = silentLogger,
    patienceMs = patienceMsDefault,
    soleWriter = false,
    readConnectionsMax = readConnectionsMaxDefault,
  }: PostgresEventLogOptions): Promise<PostgresEventLog> {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: 'tributary reads',
      max: readConnectionsMax,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 30_000,
      // It is waited for; its type does not say so.
      onConnect: (client) => client.query(session) as unknown as void,
    });
    // An idle connection that the server cut is replaced when the next read needs it.
    pool.on('error', (error) => log.debug({ err: error }, 'a connection for reads was lost'));
    const reader = new LogReader(pool, patienceMs);
    try {
      const tail = new CommitTail(reader, await reader.headOfAll(), log);
      const opened = new PostgresEventLog(pool, reader, tail, { url, patienceMs, soleWriter });
      tail.start(soleWriter ? undefined : { url, writer: opened.#writer });
      return opened;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  private constructor(pool: pg.Pool, reader: LogReader, tail: CommitTail, { url, patienceMs, soleWriter }: Writing) {
    this.#pool = pool;
    this.#reader = reader;
    this.#tail = tail;
    this.#writer = new WriterConnection(url);
    this.#lost = soleWriter ? new LostBackends() : undefined;
    this.#commits = new GroupCommit(this.#writer, tail, { patienceMs, lost: this.#lost });
  }

  append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    try {
      if (events.length === 0) throw new RangeError('an append holds at least one event');
      for (const { id } of events) assertUuid(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#commits.append({ stream, expected, events });
  }

  async settle(): Promise<void> {
    await this.#lost?.settle(this.#pool);
  }

  async *readStream(stream: string, from: bigint, atMost?: number): AsyncGenerator<RecordedEvent> {
    for await (const page of this.#reader.streamPages(stream, from, atMost)) yield* page;
  }

  async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for await (const page of this.#reader.allPages(after)) yield* page;
  }

  subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    const past: ReadPast = (next) => this.#reader.streamPages(stream, next);
    return this.#tail.live.followStream(
      stream,
      from,
      signal,
      persistently(past, ({ revision }) => revision, signal),
    );
  }

  subscribeAll(after: bigint, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    const past: ReadPast = (next) => this.#reader.allPages(next - 1n);
    return this.#tail.live.followAll(
      after + 1n,
      signal,
      persistently(past, ({ position }) => position, signal),
    );
  }

  head(stream: string): Promise<bigint> {
    return this.#reader.head(stream);
  }

  behind(stream: string, revision: bigint): Promise<Behind> {
    return this.#reader.behind(stream, revision);
  }

  headOfAll(): Promise<bigint> {
    return this.#reader.headOfAll();
  }

  truncate(stream: string, before: bigint): Promise<void> {
    return this.#reader.truncate(stream, before);
  }

  /** Lets go of the database. Subscriptions must be ended by their signals; an append under way is still answered. */
  async close(): Promise<void> {
    this.#tail.close();
    await this.#writer.close();
    await this.#pool.end();
  }
}

/**
 * A plan is made once per connection and kept: one that was made while the tables were small would read all of them again and again when they
 * have grown, until PostgreSQL has analysed them.
 */
const session = `
  SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false), set_config('jit', 'off', false),
         set_config('plan_cache_mode', 'force_generic_plan', false)`;

/** A subscription outlives an outage: it goes on reading where it stood. */
function persistently(past: ReadPast, place: (event: RecordedEvent) => bigint, signal: AbortSignal): ReadPast {
  return async function* (from) {
    for (let next = from; !signal.aborted;) {
      try {
        for await (const page of past(next)) {
          yield page;
          const last = page.at(-1);
          if (last) next = place(last) + 1n;
        }
        return;
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error;
        await pause(retryPauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };
}
