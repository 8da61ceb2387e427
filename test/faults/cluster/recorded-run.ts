import { expect } from 'vitest';
import { untilTrue } from '../../servers/tributary-until.ts';
import type { TributaryClient } from '../../servers/tributary-client.ts';
import type { Change } from '../histories/change.ts';
import { faultsOfOperations } from '../histories/linear-history.ts';
import { isRecorded, recordedName, Recorder, stateOf } from '../histories/recorder.ts';
import { RestlessFollower } from '../histories/restless-follower.ts';
import { faultsOfWatches } from '../histories/watch-history.ts';
import type { RecordedChange } from '../recorded-history.ts';
import { SeededRandom } from '../seeded-random.ts';

export type RunOptions = {
  /** `root:orgs:<name>`, open. */
  readonly workspace: string;
  readonly random: SeededRandom;
  /** Who answers: half of those who ask begin with the one, half with the other. */
  readonly clients: readonly [TributaryClient, TributaryClient];
  /** Through whom followers watch, each beginning with another. */
  readonly followedBy: readonly (() => TributaryClient)[];
};

const writers = 4;
const readers = 2;
const objects = 12;
const deadlineMs = 120_000;

/** Writers, readers and followers of one account, whose every request and answer is recorded. */
export class RecordedRun {
  readonly #recorders: readonly Recorder[];
  readonly #options: RunOptions;
  readonly #followers: readonly RestlessFollower[];
  readonly #over = new AbortController();
  #going: Promise<unknown> | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    const collection = `/clusters/${options.workspace}/api/v1/namespaces/default/configmaps`;
    this.#recorders = Array.from(
      { length: writers + readers },
      (_, first) => new Recorder({ clients: options.clients, first, collection }),
    );
    const everything = { query: '', selects: () => true };
    const evens = { query: '&labelSelector=parity%3Deven', selects: ({ content }: { content: string }) => content.includes('"even"') };
    this.#followers = options.followedBy.map(
      (nextClient, index) =>
        new RestlessFollower({ name: `follower ${index}`, nextClient, collection, from: 1n, ...(index % 3 === 2 ? evens : everything) }),
    );
  }

  begin(): void {
    for (const follower of this.#followers) follower.begin();
    const { random } = this.#options;
    const own = (): SeededRandom => new SeededRandom(random.between(0, 2 ** 31));
    this.#going = Promise.all(
      this.#recorders.map((recorder, index) => (index < writers ? this.#write(recorder, `${index}`, own()) : this.#read(recorder, own()))),
    );
    this.#going.catch(() => undefined);
  }

  /** How many requests were answered, or broke off. */
  get asked(): number {
    return this.#recorders.reduce((sum, { operations }) => sum + operations.length, 0);
  }

  get #acknowledged(): number {
    return this.#recorders.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** Resolves when so many more writes have been acknowledged. @throws what a writer or reader has found */
  async moreWrites(count: number): Promise<void> {
    const target = this.#acknowledged + count;
    const enough = untilTrue(`${count} more writes are acknowledged`, () => this.#acknowledged >= target, {
      deadlineMs,
      pauseMs: 2,
    });
    await Promise.race([enough, this.#going?.then(() => enough)]);
  }

  /** Ends the writing once somebody was told a bookmark, waits until every follower was told of the last write, and gives the judge. */
  async end(): Promise<(changes: readonly RecordedChange[]) => void> {
    // A watch ends with one, if nothing breaks it off before: there may be none in a short storm, but soon after it.
    await untilTrue('a follower was told a bookmark', () => this.#followers.some(({ bookmarks }) => bookmarks > 0), { deadlineMs });
    this.#over.abort();
    await this.#going;
    const last = await this.#lastWrite();
    const all = untilTrue('all followers were told of the last write', () => this.#followers.every(({ reached }) => reached >= last), {
      deadlineMs,
    });
    await all.catch((cause: unknown) => {
      throw new Error(`not all were told of ${last}:\n${this.#followers.map(({ state }) => state).join('\n')}`, { cause });
    });
    const followers = await Promise.all(this.#followers.map((follower) => follower.end(last)));
    expect(this.#followers.flatMap(({ strange }) => strange)).toEqual([]);
    const operations = this.#recorders.flatMap((recorder) => recorder.operations);
    return (recorded) => {
      const changes = recorded.flatMap(changeOf);
      expect(faultsOfOperations(operations, changes)).toEqual([]);
      expect(faultsOfWatches(followers, changes)).toEqual([]);
      const kinds = Object.entries(Object.groupBy(operations, ({ asked }) => asked.type)).map(([type, list]) => `${list.length} ${type}`);
      const answered = this.#recorders.flatMap((recorder) => [...recorder.answers]);
      const answers = [...Map.groupBy(answered, ([answer]) => answer)].map(
        ([answer, counts]) => `${counts.reduce((sum, [, count]) => sum + count, 0)} × ${answer}`,
      );
      const sessions = followers.flatMap((each) => each.sessions);
      const bookmarks = sessions.flatMap(({ items }) => items).filter(({ type }) => type === 'BOOKMARK').length;
      console.log(`${changes.length} changes; ${kinds.join(', ')}; writes were answered ${answers.join(', ')}`);
      console.log(`${followers.length} followers, ${sessions.length} watches, ${bookmarks} bookmarks`);
      // A run in which nothing happened proves nothing.
      expect(changes.length).toBeGreaterThan(10);
      expect(sessions.length).toBeGreaterThan(followers.length);
      expect(bookmarks).toBeGreaterThan(0);
    };
  }

  /** Everybody selects it. */
  async #lastWrite(): Promise<bigint> {
    let revision: string | undefined;
    await untilTrue(
      'the last write is acknowledged',
      async () => {
        const written = await this.#recorders[0]?.create(recordedName(crypto.randomUUID()), 'the last 0');
        revision = written?.metadata.resourceVersion;
        return written !== undefined;
      },
      { deadlineMs },
    );
    return BigInt(revision ?? 0);
  }

  /** A few objects for all writers, so that they meet. */
  async #write(recorder: Recorder, writer: string, random: SeededRandom): Promise<void> {
    let elsewhere: Promise<undefined> | undefined;
    for (let serial = 0; !this.#over.signal.aborted; serial += 1) {
      const name = recordedName(String(random.between(1, objects)));
      const value = `${writer}-${serial}`;
      const dice = random.next();
      if (dice < 0.25) await recorder.create(name, value);
      else if (dice < 0.6) await recorder.patch(name, value);
      else if (dice < 0.9) await this.#readAndReplace(recorder, name, value);
      else await recorder.delete(name);
      // What was answered here is read at the other at once, who has not heard of it yet. Nobody waits for that one: it may be frozen.
      if (!elsewhere && random.next() < 0.5) {
        elsewhere = recorder.get(name, 'elsewhere').then(() => (elsewhere = undefined));
        elsewhere.catch(() => undefined);
      }
      await pause(random.between(0, 20));
    }
    await elsewhere;
  }

  async #readAndReplace(recorder: Recorder, name: string, value: string): Promise<void> {
    const known = await recorder.get(name);
    if (!known) return;
    const next = await recorder.replace(known, value);
    // What it knows now is old, unless the first attempt came to nothing.
    if (next) await recorder.replace(known, `${value}1`);
  }

  async #read(recorder: Recorder, random: SeededRandom): Promise<void> {
    while (!this.#over.signal.aborted) {
      if (random.next() < 0.2) await recorder.list();
      else await recorder.get(recordedName(String(random.between(1, objects))));
      await pause(random.between(0, 10));
    }
  }
}

/** The load is so great that faults fall into it, and so small that there is room for what starts. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const words = { ResourceDeclared: 'ADDED', ResourceRemoved: 'DELETED' } as const;

function changeOf({ event }: RecordedChange): readonly Change[] {
  if (event.key.resource !== 'configmaps' || !isRecorded({ metadata: { name: event.key.name } })) return [];
  const type = event.type === 'ResourceDeclared' || event.type === 'ResourceRemoved' ? words[event.type] : 'MODIFIED';
  return [{ ...stateOf(event.object), type, cause: event.by.cause ?? '' }];
}
