import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Lease, Leadership } from '#projection';
import type { Logger } from '#telemetry';

/** Of advisory locks; with a name, such as a view's, it tells who leads that. */
const lockClass = 7_427_318;
const askAgainMs = 500;

type Connection = {
  readonly client: pg.Client;
  readonly lost: AbortController;
  readonly ask: (text: string, name: string) => Promise<boolean>;
};

/**
 * Who leads a view, or the bridge, holds a lock in the database as long as its connection lives: when a process dies, another leads a moment
 * later. A process that is cut off may still think that it leads; the view's epoch, or the brokers' fence, keeps it from writing.
 */
export class PostgresLeadership implements Leadership {
  readonly #url: string;
  readonly #logger: Logger;
  #connecting: Promise<Connection> | undefined;

  constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#logger = logger;
  }

  async lead(name: string, signal: AbortSignal): Promise<Lease | undefined> {
    while (!signal.aborted) {
      try {
        const { lost, ask } = await (this.#connecting ??= this.#connect());
        // Where the connection is gone, so is the lock.
        const release = (): Promise<void> => ask(unlocking, name).then(noMatter, noMatter);
        if (await ask(locking, name)) return { lost: lost.signal, release };
      } catch (error) {
        this.#logger.debug({ err: error, name }, 'could not ask who leads');
      }
      await pause(askAgainMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** Gives everything away. */
  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => undefined);
    this.#connecting = undefined;
    await connection?.client.end().catch(() => undefined);
  }

  #connect(): Promise<Connection> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'tributary leader',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
    });
    const lost = new AbortController();
    // A connection that does not answer is none: left alone, it would be asked for ever.
    const ask = asking(client, () => void client.end().catch(noMatter));
    const connecting = client.connect().then(() => ({ client, lost, ask }));
    const lose = (): void => {
      lost.abort();
      // Its end may come late, when there is another.
      if (this.#connecting === connecting) this.#connecting = undefined;
    };
    client.once('end', lose).on('error', lose);
    connecting.catch(lose);
    return connecting;
  }
}

const locking = 'SELECT pg_try_advisory_lock($1, hashtext($2)) AS done';
const unlocking = 'SELECT pg_advisory_unlock($1, hashtext($2)) AS done';
const noMatter = (): void => undefined;

/** One question after the other: all that a process leads shares its connection. */
function asking(client: pg.Client, giveUp: () => void): Connection['ask'] {
  let last: Promise<unknown> = Promise.resolve();
  return (text, name) => {
    const answer = last.then(() => client.query<{ done: boolean }>(text, [lockClass, name])).then(({ rows }) => rows[0]?.done === true);
    last = answer.catch(giveUp);
    return answer;
  };
}
