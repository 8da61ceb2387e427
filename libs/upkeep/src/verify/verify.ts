import { clusterOfStream, isAccountStream, isSideStream, streamOf } from '#account';
import type { Keys, KeyStore } from '#keys';
import type { View } from '#projection';
import { noRevision, StreamTruncated, type EventArchive, type EventLog, type RecordedEvent, type SnapshotStore } from '#stream';
import type { Holdings } from '../holdings.ts';
import { checkAccount } from './check-account.ts';
import { checkKeys, indexKeys, judgeLoneKeys, type KeyIndex, type LoneKey } from './check-keys.ts';
import { SchemaCheck } from './check-schemas.ts';
import type { Report } from './finding.ts';
import { missing, Places, type SeenStream } from './places.ts';
import { ReplayedViews } from './replayed-views.ts';

export type VerifyOptions = {
  /** Together with its archive: whoever reads all of it meets every event that is anywhere. */
  readonly log: EventLog;
  /** Whether the log counts its positions without gaps. */
  readonly positions: 'counted' | 'growing';
  readonly archive: Pick<EventArchive, 'readStream'>;
  readonly snapshots: SnapshotStore;
  readonly keyStore: KeyStore;
  readonly keys: Keys;
  readonly holdings: Holdings;
  readonly views: readonly View[];
  /** Called for each thing that is not as it should be, as soon as it is found. */
  readonly report: Report;
};

/** What was looked at. */
export type Verified = {
  readonly head: bigint;
  readonly events: bigint;
  readonly streams: number;
  readonly keys: number;
  readonly findings: number;
};

/**
 * Walks the whole log and holds everything that was made from it against it: places, folds, snapshots, schemas, keys, views and
 * checkpoints. Changes nothing, and may be run while others write: what they append meanwhile is not judged as missing.
 */
export async function verify(options: VerifyOptions): Promise<Verified> {
  let findings = 0;
  const report: Report = (finding) => {
    findings += 1;
    options.report(finding);
  };
  const verified = await new Verification({ ...options, report }).run();
  return { ...verified, findings };
}

class Verification {
  readonly #options: VerifyOptions;
  readonly #places: Places;
  readonly #schemas: SchemaCheck;
  readonly #lone: LoneKey[] = [];
  /** Streams that have forgotten their beginning. */
  readonly #cut = new Set<string>();

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#places = new Places(options.report);
    this.#schemas = new SchemaCheck(options.log, options.report);
  }

  async run(): Promise<Omit<Verified, 'findings'>> {
    const { log, holdings, views, report, positions } = this.#options;
    // In this order: what is read first cannot be ahead of what is read second.
    const checkpoints = await holdings.checkpoints();
    const replayed = await ReplayedViews.copy(holdings, views, report);
    try {
      const index = await indexKeys(this.#options);
      const head = await log.headOfAll();
      for (const [follower, position] of checkpoints)
        if (position > head)
          report({ type: 'checkpoint-ahead', follower, says: `${follower} stands at ${position}, the log ends at ${head}` });
      await this.#walk(head, replayed);
      const unseen = await this.#unseenStreams();
      let truncated = 0n;
      const streams = new Map([...this.#places.streams, ...unseen]);
      for (const [stream, seen] of streams) truncated += await this.#checkStream(stream, seen);
      if (positions === 'counted') this.#places.judgeGaps(head, truncated);
      await this.#checkAccounts([...streams.keys()], index, checkpoints.get('policy') ?? 0n);
      // What is of no account, such as when a provider was last heard of, may follow from any.
      await replayed.compare((cluster) => (cluster === '' ? this.#cut.size > 0 : this.#cut.has(streamOf(cluster))));
      const keys = [...index.present.values()].reduce((sum, uids) => sum + uids.size, 0);
      return { head, events: this.#places.events, streams: streams.size, keys };
    } finally {
      await replayed.close();
    }
  }

  async #walk(head: bigint, replayed: ReplayedViews): Promise<void> {
    for await (const recorded of this.#options.log.readAll(0n)) {
      if (recorded.position > head) return this.#judgeEnd(recorded);
      if (this.#places.see(recorded)) await replayed.see(recorded);
    }
  }

  /** Others may have appended since; then the head has moved with them. */
  async #judgeEnd({ stream, position }: RecordedEvent): Promise<void> {
    const head = await this.#options.log.headOfAll();
    if (position <= head) return;
    const says = `an event stands at position ${position}, behind the head of the log, ${head}`;
    this.#options.report({ type: 'head-differs', stream, position: `${position}`, says });
  }

  /** Of what was truncated to the last event, the snapshot is left. */
  async #unseenStreams(): Promise<Map<string, SeenStream>> {
    const unseen = new Map<string, SeenStream>();
    for await (const stream of this.#options.holdings.snapshotStreams()) {
      if (this.#places.streams.has(stream)) continue;
      const last = await this.#options.log.head(stream);
      unseen.set(stream, { first: last + 1n, last });
    }
    return unseen;
  }

  /** Answers how many of the stream's events are nowhere any more. */
  async #checkStream(stream: string, { first, last }: SeenStream): Promise<bigint> {
    const { log, report } = this.#options;
    const head = await log.head(stream);
    if (head === noRevision)
      report({ type: 'head-differs', stream, says: `${stream} has ${last === noRevision ? 'a snapshot' : 'events'} and no head` });
    let reached = last;
    for await (const { revision } of log.readStream(stream, last + 1n)) reached = revision;
    if (head > reached) report({ type: 'head-differs', stream, says: `the head of ${stream} is ${head}, its last event is ${reached}` });
    if (head < last) report({ type: 'head-differs', stream, says: `the head of ${stream} is ${head}, it has events up to ${last}` });
    await this.#schemas.stream(stream);
    const kept = await this.#firstKept(stream);
    const gone = first < kept ? first : kept;
    if (gone > 0n) this.#cut.add(stream);
    if (first > kept) report({ type: 'revision-missing', stream, says: missing(stream, kept, first - 1n) });
    return gone;
  }

  async #firstKept(stream: string): Promise<bigint> {
    try {
      for await (const _ of this.#options.log.readStream(stream, 0n)) break;
      return 0n;
    } catch (failure) {
      if (failure instanceof StreamTruncated) return failure.first;
      throw failure;
    }
  }

  async #checkAccounts(streams: readonly string[], index: KeyIndex, policyAt: bigint): Promise<void> {
    const { report } = this.#options;
    const unheard = new Set(index.present.keys());
    for (const stream of streams) {
      if (!isAccountStream(stream) && !isSideStream(stream)) continue;
      const account = await checkAccount(stream, this.#options);
      if (!isAccountStream(stream)) continue;
      const cluster = clusterOfStream(stream);
      unheard.delete(cluster);
      // Of what cannot be folded, nobody can say which keys it needs.
      if (!account) continue;
      await this.#schemas.boundBy(stream, account.state);
      this.#lone.push(...checkKeys(cluster, account, index, { report, policyAt }));
    }
    for (const cluster of unheard) this.#lone.push(...checkKeys(cluster, undefined, index, { report, policyAt }));
    await judgeLoneKeys(this.#lone, this.#options);
  }
}
