import type { TributaryClient, Watching, WatchEvent } from '../../servers/tributary-client.ts';
import { isRecorded, stateOf } from './recorder.ts';
import type { Follower, WatchItem, WatchSession } from './watch-history.ts';

export type FollowerOptions = {
  readonly name: string;
  readonly nextClient: () => TributaryClient;
  readonly collection: string;
  /** Where it begins. */
  readonly from: bigint;
  readonly selects: Follower['selects'];
  /** `&labelSelector=…` */
  readonly query: string;
};

/** Each watch is ended after so long, with a bookmark: so there are many. */
const watchSeconds = 3;

/** Watches a collection for ever: wherever a watch breaks off, the next one begins there, at whoever answers. */
export class RestlessFollower {
  readonly #options: FollowerOptions;
  readonly #sessions: Session[] = [];
  #last: bigint;
  #open: Watching | undefined;
  #isOver = false;
  /** What it waits for, for the one who waits for it in vain. */
  #doing = 'nothing';
  #done: Promise<void> | undefined;
  /** Answers that no watch should have had. */
  readonly strange: string[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#last = options.from;
  }

  begin(): void {
    this.#done = this.#follow();
  }

  /** How far it was told. */
  get reached(): bigint {
    this.#take();
    return this.#last;
  }

  /** How many bookmarks it was told. */
  get bookmarks(): number {
    this.#take();
    return this.#sessions.reduce((sum, { items }) => sum + items.filter(({ type }) => type === 'BOOKMARK').length, 0);
  }

  get state(): string {
    return `${this.#options.name} was told up to ${this.reached}, has had ${this.#sessions.length} watches, and ${this.#doing}`;
  }

  /** What it has seen, having been told of everything up to `reached`. */
  async end(reached: bigint): Promise<Follower> {
    this.#isOver = true;
    this.#take();
    this.#open?.close();
    await this.#done;
    const { name, selects } = this.#options;
    return { name, selects, reached, sessions: this.#sessions.map(({ from, items }): WatchSession => ({ from, items })) };
  }

  async #follow(): Promise<void> {
    const { nextClient, collection, query } = this.#options;
    while (!this.#isOver) {
      const since = new Date().toISOString();
      this.#doing = `asks for a watch since ${since}`;
      const watching = nextClient().watch(
        collection,
        String(this.#last),
        `&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}${query}`,
      );
      const code = await watching.code.catch(() => undefined);
      if (code !== undefined && ![200, 429, 503].includes(code)) this.strange.push(`a watch from ${this.#last} was answered ${code}`);
      if (code !== 200) {
        this.#doing = `was answered ${code} to what it asked at ${since}`;
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      this.#sessions.push({ from: this.#last, items: [], watching, taken: 0 });
      this.#open = watching;
      this.#doing = `watches since ${since}`;
      await watching.ended.catch(() => undefined);
      this.#take();
    }
  }

  /** Reads what has come since. */
  #take(): void {
    const session = this.#sessions.at(-1);
    if (!session) return;
    for (const event of session.watching.events.slice(session.taken)) {
      session.taken += 1;
      if (event.type === 'ERROR') this.#judgeError(event);
      if (event.type === 'ERROR' || (event.type !== 'BOOKMARK' && !isRecorded(event.object))) continue;
      const item = itemOf(event);
      session.items.push(item);
      this.#last = item.revision;
    }
  }

  /** An outage may end a watch; history that is gone may not: all of it is kept. */
  #judgeError({ object }: WatchEvent): void {
    const { code } = object as unknown as { readonly code: number };
    if (code !== 503) this.strange.push(`a watch from ${this.#last} was told ${JSON.stringify(object)}`);
  }
}

type Session = { readonly from: bigint; readonly items: WatchItem[]; readonly watching: Watching; taken: number };

function itemOf({ type, object }: WatchEvent): WatchItem {
  if (type === 'BOOKMARK') return { type, revision: BigInt(object.metadata.resourceVersion) };
  return { type: type as 'ADDED' | 'MODIFIED' | 'DELETED', ...stateOf(object) };
}
