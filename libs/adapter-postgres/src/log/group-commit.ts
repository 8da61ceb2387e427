import type pg from 'pg';
import type { AppendResult } from '#stream';
import { LogUnavailable } from '#stream';
import { histogram } from '#telemetry';
import { commitGroup, recorded } from './append-statement.ts';
import type { Append } from './append-statement.ts';
import type { CommitTail } from './commit-tail.ts';
import type { LostBackends } from './lost-backends.ts';
import { failureOf } from './outage.ts';
import { Patience } from './patience.ts';
import type { WriterConnection } from './writer-connection.ts';

/** An append of so many events is a group by itself, and waits for no company. */
const batchEventsMin = 8;
/** Bounds how long one group holds up the next one. A single append may be larger. */
const groupEventsMax = 1024;
const groupCharactersMax = 4_000_000;

const noLabels = {};
const groupAppends = histogram({
  name: 'tributary_log_group_appends',
  help: 'Appends of all streams that PostgreSQL made durable together.',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
});

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
  /** Of appends that came to no answer. Kept where somebody will settle them. */
  readonly #lost: LostBackends | undefined;
  #queue: Queued[] = [];
  #underWay = false;

  constructor(connection: WriterConnection, tail: CommitTail, { patienceMs, lost }: GroupCommitOptions) {
    this.#connection = connection;
    this.#tail = tail;
    this.#patience = new Patience(patienceMs);
    this.#lost = lost;
  }

  append(append: Append): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ append, resolve, reject });
      if (this.#underWay) return;
      this.#underWay = true;
      // Whoever else appends in this turn of the event loop comes along.
      if (append.events.length < batchEventsMin) setImmediate(() => this.#commitNext());
      else queueMicrotask(() => this.#commitNext());
    });
  }

  #commitNext(): void {
    const group = this.#take();
    this.#underWay = group.length > 0;
    if (this.#underWay) void this.#commit(group);
  }

  /** What waits is on its way before this group is answered: else PostgreSQL would wait until all its clients have their answers. */
  async #commit(group: readonly Queued[]): Promise<void> {
    const appends = group.map(({ append }) => append);
    groupAppends.observe(noLabels, appends.length);
    let results: readonly AppendResult[];
    try {
      // The outcome of a lost connection is unknown; asked again with the same ids, the log answers as the first time.
      results = await this.#patience.insist(() => this.#attempt(appends));
    } catch (error) {
      await this.#fail(group, error);
      return this.#commitNext();
    }
    this.#commitNext();
    this.#settle(group, results);
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

  #settle(group: readonly Queued[], results: readonly AppendResult[]): void {
    this.#publish(
      group.map(({ append }) => append),
      results,
    );
    group.forEach(({ resolve }, index) => {
      const result = results[index];
      if (result) resolve(result);
    });
  }

  /** One append that PostgreSQL cannot take must not fail the others. */
  async #fail(group: readonly Queued[], error: unknown): Promise<void> {
    if (group.length === 1 || error instanceof LogUnavailable) for (const { reject } of group) reject(error);
    else for (const queued of group) await this.#commitAlone(queued);
  }

  async #commitAlone(queued: Queued): Promise<void> {
    try {
      this.#settle([queued], await this.#patience.insist(() => this.#attempt([queued.append])));
    } catch (error) {
      queued.reject(error);
    }
  }

  async #attempt(appends: readonly Append[]): Promise<AppendResult[]> {
    const client = await this.#connection.client();
    try {
      return await commitGroup(client, appends);
    } catch (error) {
      if (failureOf(error) === 'lost') this.#lose(client);
      throw error;
    }
  }

  /** One append is under way at a time: the newest connection is the one that broke. */
  #lose(client: pg.Client): void {
    if (this.#connection.backend) this.#lost?.add(this.#connection.backend);
    this.#connection.drop(client);
  }

  #publish(appends: readonly Append[], results: readonly AppendResult[]): void {
    const events = appends.flatMap((append, index) => {
      const result = results[index];
      return result?.type === 'appended' ? recorded(append, result) : [];
    });
    if (events.length > 0) this.#tail.appended(events);
  }
}

export type GroupCommitOptions = { readonly patienceMs: number; readonly lost: LostBackends | undefined };

type Queued = {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
};
