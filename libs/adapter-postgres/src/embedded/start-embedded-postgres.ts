import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '#telemetry';
import { databaseUser, prepareCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { endWriters } from '../log/lost-backends.ts';
import { createDatabase, DataFolderInUse, hasOurSettings, lockFolder } from './folder-lock.ts';
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.ts';
import type { Postmaster } from './postmaster.ts';

export type EmbeddedPostgresOptions = {
  /** Where the database lives; made when missing. */
  readonly folder: string;
  readonly log: Logger;
  /** Called when another process took the folder while the server was down: this one must end. */
  readonly onLost?: (error: DataFolderInUse) => void;
};

/** A running server that this process owns. */
export interface EmbeddedPostgres {
  /** `postgresql://…@127.0.0.1:<port>/tributary`. Stays the same until `stop`, also when the server had to be started again. */
  readonly url: string;
  readonly port: number;
  /** The server's process, as of now. */
  readonly pid: number;
  /** Stops the server; everything committed is on disk. May be called twice. */
  stop(): Promise<void>;
}

const databaseName = 'tributary';
const startAttemptsMax = 10;
const restartPauseMax = 5_000;

/**
 * Starts PostgreSQL on `folder`, or takes over one that a killed process left running. Starts it again when it dies.
 * @throws DataFolderInUse when another process works on the folder; Error with what to do when it cannot be started.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster(options.folder);
  const server = await takeServer(cluster, options.log);
  return new OwnedServer(cluster, server, options);
}

export const databaseUrl = ({ password }: Pick<Cluster, 'password'>, port: number): string =>
  `postgresql://${databaseUser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${databaseName}`;

type Taken = { readonly postmaster: Postmaster; readonly lock: pg.Client };

class OwnedServer implements EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly #cluster: Cluster;
  readonly #options: EmbeddedPostgresOptions;
  #taken: Taken;
  #stopped: Promise<void> | undefined;

  constructor(cluster: Cluster, taken: Taken, options: EmbeddedPostgresOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#taken = taken;
    this.port = taken.postmaster.port;
    this.url = databaseUrl(cluster, this.port);
    this.#watch();
  }

  get pid(): number {
    return this.#taken.postmaster.pid;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    // The lock is held until the server is gone, so that nobody takes over a server that is about to stop.
    await stopPostmaster(this.#cluster, this.#taken.postmaster);
    await this.#taken.lock.end().catch(() => undefined);
    this.#options.log.info({ pid: this.pid }, 'embedded database stopped');
  }

  /** The lock's connection ends when the server dies or restarts itself after a crash. */
  #watch(): void {
    this.#taken.lock.once('end', () => {
      if (!this.#stopped) void this.#recover();
    });
  }

  async #recover(): Promise<void> {
    const { log, onLost } = this.#options;
    log.warn({ pid: this.pid }, 'the embedded database went away; starting it again');
    for (let wait = 50; !this.#stopped; wait = Math.min(wait * 2, restartPauseMax)) {
      try {
        const taken = await takeServer(this.#cluster, log, this.port);
        this.#taken = taken;
        if (this.#stopped) await stopPostmaster(this.#cluster, taken.postmaster);
        else this.#watch();
        return;
      } catch (error) {
        log.error({ err: error }, 'the embedded database could not be started again');
        if (error instanceof DataFolderInUse) return onLost?.(error);
        await pause(wait, undefined, { ref: false });
      }
    }
  }
}

async function takeServer(cluster: Cluster, log: Logger, port?: number): Promise<Taken> {
  let failure: unknown;
  for (let attempt = 1; attempt <= startAttemptsMax; attempt++) {
    const found = await findPostmaster(cluster);
    const postmaster = found ?? (await startPostmaster(cluster, port));
    if (!postmaster) continue;
    try {
      const lock = await lockFolder(cluster, postmaster);
      if (found && ((port ?? found.port) !== found.port || !(await hasOurSettings(lock)))) {
        log.info({ pid: found.pid }, 'the embedded database was started by another version; starting it again');
        await stopPostmaster(cluster, found);
        continue;
      }
      // Nothing of a process that is gone is appended behind the back of this one.
      if (found) await endWriters(lock, databaseName);
      await createDatabase(lock, databaseName);
      log.info({ pid: postmaster.pid, port: postmaster.port, adopted: found !== undefined }, 'embedded database ready');
      return { postmaster, lock };
    } catch (error) {
      if (error instanceof DataFolderInUse) throw error;
      failure = error;
      await pause(50);
    }
  }
  throw new Error(`the embedded database in ${cluster.files} cannot be reached; see ${cluster.logFile}`, { cause: failure });
}
