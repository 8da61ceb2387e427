import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { invalidPosition } from './refusals.ts';
import { caughtUp, checkpointAt, confirmation, responseOf } from './responses.ts';
import { send, type Call } from './send.ts';
import type { Serving } from './serving.ts';
import { isBehind, type Place, type Stored } from './stored-streams.ts';

/** As many events as the server looks at in one page of a filtered subscription, unless told otherwise. */
const pageMax = 32;

/**
 * A subscription to the whole log by a filter, as the server leads it: what is past comes in pages, then the client is told that it has caught up, then
 * what is appended. Checkpoints tell how far it has looked where nothing was let through: the event that was looked at last, or, as some versions
 * (24.2 to 24.10) do behind a full page, where the next record will begin, of which nothing has been told yet.
 */
export class Subscription {
  readonly #serving: Serving;
  readonly #call: Call;
  readonly #options: ReadReq.Options;
  readonly #matches: (event: Stored) => boolean;
  readonly #checkpointEvery: number;
  /** What was told last: an event, or a checkpoint. */
  #told: Place;

  constructor(serving: Serving, call: Call, options: ReadReq.Options) {
    this.#serving = serving;
    this.#call = call;
    this.#options = options;
    this.#matches = filterBy(options);
    this.#checkpointEvery = pageMax * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 1);
    this.#told = this.#startsAfter();
  }

  async run(): Promise<void> {
    await send(this.#call, confirmation());
    const { last, end } = this.#serving.streams;
    const isAhead = this.#told.commit > last.commit || (this.#told.commit === last.commit && this.#told.prepare >= last.prepare);
    // Whoever is at the end or beyond it is not asked whether a record begins there.
    const next = isAhead ? end : await this.#catchUp();
    await send(this.#call, caughtUp());
    await this.#follow(next);
  }

  /** Gives where the next record will begin. */
  async #catchUp(): Promise<bigint> {
    const { streams } = this.#serving;
    let page: Place = this.#told;
    for (let considered = 0; !this.#call.cancelled;) {
      const index = streams.indexAt(page.commit);
      if (index === undefined) throw invalidPosition();
      const events = streams.all.slice(index, index + pageMax);
      for (const event of events) if (isBehind(event, this.#told) && this.#matches(event)) await this.#tell(event);
      if (page.commit > this.#told.commit) this.#told = page;
      considered += events.length;
      const isEnd = events.length < pageMax;
      if (isEnd || considered >= this.#checkpointEvery) await this.#checkpoint();
      page = { commit: events.at(-1)?.end ?? page.commit, prepare: 0n };
      if (isEnd) break;
      considered %= this.#checkpointEvery;
    }
    return page.commit;
  }

  async #follow(from: bigint): Promise<void> {
    const { streams } = this.#serving;
    const gone = new Promise((resolve) => this.#call.once('cancelled', resolve));
    for (let next = from, considered = 0; !this.#call.cancelled;) {
      const event = streams.all[streams.indexAt(next) ?? streams.all.length];
      if (!event) {
        await Promise.race([streams.nextAppend(), gone]);
        continue;
      }
      next = event.end;
      if (!isBehind(event, this.#told)) continue;
      if (this.#matches(event)) await this.#tell(event);
      if (++considered % this.#checkpointEvery !== 0) continue;
      this.#told = { commit: event.position, prepare: event.position };
      await this.#checkpoint();
    }
  }

  async #tell(event: Stored): Promise<void> {
    this.#serving.faults.beforeDelivery();
    this.#told = { commit: event.position, prepare: event.position };
    await send(this.#call, responseOf(event));
  }

  async #checkpoint(): Promise<void> {
    if (this.#options.hasFilter()) await send(this.#call, checkpointAt(this.#told));
  }

  #startsAfter(): Place {
    const all = this.#options.getAll();
    const position = all?.getPosition();
    if (position) return { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) };
    return all?.hasEnd() ? this.#serving.streams.last : { commit: 0n, prepare: -1n };
  }
}

function filterBy(options: ReadReq.Options): (event: Stored) => boolean {
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (!filter || !expression) return () => true;
  const subject = (event: Stored): string => (filter.hasStreamIdentifier() ? event.stream : event.type);
  const prefixes = expression.getPrefixList();
  const pattern = new RegExp(expression.getRegex());
  return (event) => (prefixes.length > 0 ? prefixes.some((prefix) => subject(event).startsWith(prefix)) : pattern.test(subject(event)));
}
