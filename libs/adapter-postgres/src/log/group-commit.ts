import type { AppendResult } from '#stream';
import { LogUnavailable } from '#stream';
import { commitGroup, recorded } from './append-statement.ts';
import type { Append } from './append-statement.ts';
import type { CommitTail } from './commit-tail.ts';
import { failureOf } from './outage.ts';
import { Patience } from './patience.ts';
import type { WriterConnection } from './writer-connection.ts';

/** Bounds how long one group holds up the next one. A single append may be larger. */
const groupEventsMax = 1024;
const groupCharactersMax = 4_000_000;

/**
 * Gathers the appends of all streams that this process wrote meanwhile into one statement. A stream stands at most once
 * in a group, so appends to one stream are decided in the order in which they were asked. One group is under way at a time:
 * PostgreSQL commits them one after the other anyway, and what waits meanwhile makes the next group larger (two at a time
 * were measured and gained nothing).
 */
export class GroupCommit {
  readonly #connection: WriterConnection;
  readonly #tail: CommitTail;
  readonly #patience: Patience;
  #queue: Queued[] = [];
  #underWay = false;

  constructor(connection: WriterConnection, tail: CommitTail, patienceMs: number) {
    this.#connection = connection;
    this.#tail = tail;
    this.#patience = new Patience(patienceMs);
  }

  append(append: Append): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ append, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#underWay) return;
    this.#underWay = true;
    // Whoever else appends in this turn of the event loop comes along.
    setImmediate(() => void this.#commitNext());
  }

  async #commitNext(): Promise<void> {
    await this.#settle(this.#take());
    this.#underWay = false;
    if (this.#queue.length > 0) this.#schedule();
  }

  #take(): Queued[] {
    const group: Queued[] = [];
    const left: Queued[] = [];
    const streams = new Set<string>();
    let events = 0;
    let characters = 0;
    for (const queued of this.#queue) {
      const { stream, events: own } = queued.append;
      const size = own.reduce((sum, { data }) => sum + data.length, 0);
      const fits = group.length === 0 || (events + own.length <= groupEventsMax && characters + size <= groupCharactersMax);
      if (!fits || streams.has(stream)) {
        left.push(queued);
        streams.add(stream);
        continue;
      }
      group.push(queued);
      streams.add(stream);
      events += own.length;
      characters += size;
    }
    this.#queue = left;
    return group;
  }

  async #settle(group: readonly Queued[]): Promise<void> {
    const appends = group.map(({ append }) => append);
    try {
      // The outcome of a lost connection is unknown; asked again with the same ids, the log answers as the first time.
      const results = await this.#patience.insist(() => this.#attempt(appends));
      this.#publish(appends, results);
      group.forEach(({ resolve }, index) => {
        const result = results[index];
        if (result) resolve(result);
      });
    } catch (error) {
      if (group.length === 1 || error instanceof LogUnavailable) for (const { reject } of group) reject(error);
      // One append that PostgreSQL cannot take must not fail the others.
      else for (const queued of group) await this.#settle([queued]);
    }
  }

  async #attempt(appends: readonly Append[]): Promise<AppendResult[]> {
    const client = await this.#connection.client();
    try {
      return await commitGroup(client, appends);
    } catch (error) {
      if (failureOf(error) === 'lost') this.#connection.drop(client);
      throw error;
    }
  }

  #publish(appends: readonly Append[], results: readonly AppendResult[]): void {
    const events = appends.flatMap((append, index) => {
      const result = results[index];
      return result?.type === 'appended' ? recorded(append, result) : [];
    });
    if (events.length > 0) this.#tail.appended(events);
  }
}

type Queued = {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
};
