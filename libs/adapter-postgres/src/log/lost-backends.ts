import type pg from 'pg';
import { LogUnavailable } from '#stream';
import { failureOf, unavailable } from './outage.ts';

/** What our connections that append are known by in `pg_stat_activity`. */
export const writerName = 'tributary log';

/** A server's process at the other end of a connection. Numbers come again: its start tells it apart. */
export type Backend = { readonly pid: number; readonly since: string };

/** How long PostgreSQL may take to end one, in milliseconds. One that waits for its disk cannot be ended before that comes back. */
const endMsMax = 1_000;

/**
 * Server processes whose connection broke while they appended, and which may go on with it: they notice nothing while they wait for a lock or
 * a disk. What they do is done, one way or the other, when they are gone.
 */
export class LostBackends {
  #backends: Backend[] = [];
  #ending: Promise<void> | undefined;

  add(backend: Backend): void {
    this.#backends.push(backend);
  }

  /** @throws LogUnavailable where one of them may still be there */
  settle(pool: pg.Pool): Promise<void> {
    if (this.#backends.length === 0) return Promise.resolve();
    this.#ending ??= this.#end(pool, this.#backends).finally(() => (this.#ending = undefined));
    return this.#ending;
  }

  async #end(pool: pg.Pool, backends: readonly Backend[]): Promise<void> {
    for (const { pid, since } of backends) {
      if (await isGone(pool, pid, since)) this.#backends = this.#backends.filter((each) => each.pid !== pid || each.since !== since);
      else throw new LogUnavailable(`process ${pid} of PostgreSQL may still be appending`);
    }
  }
}

/** Ends whatever appends on behalf of a process of ours that is gone. @throws Error where one cannot be ended */
export async function endWriters(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ pid: number; ended: boolean }>(
    'SELECT pid, pg_terminate_backend(pid, $3) AS ended FROM pg_stat_activity WHERE application_name = $1 AND datname = $2',
    [writerName, database, endMsMax],
  );
  const left = rows.find(({ ended }) => !ended);
  if (left) throw new Error(`process ${left.pid} of PostgreSQL, which appends for somebody who is gone, does not end`);
}

async function isGone(pool: pg.Pool, pid: number, since: string): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ ended: boolean }>({ ...ending, values: [pid, since, endMsMax] });
    return rows.every(({ ended }) => ended);
  } catch (error) {
    throw failureOf(error) === 'fault' ? error : unavailable(error);
  }
}

const ending = {
  name: 'end_backend',
  text: 'SELECT pg_terminate_backend(pid, $3) AS ended FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz',
};
