import { BACKWARDS, END, StreamNotFoundError, type ResolvedEvent } from '@eventstore/db-client';
import { noRevision, StreamTruncated } from '#stream';
import type { RecordedEvent } from '#stream';
import { batchesOf } from './batches.ts';
import type { LogClient } from './log-client.ts';
import type { Patience } from './patience.ts';
import type { StreamNames } from './recorded.ts';
import { truncatedBefore } from './truncation.ts';

const retryPauseMs = 50;

/** Reads single streams. Repeats a read whose connection broke, from where it stood. */
export class StreamReader {
  readonly #client: LogClient;
  readonly #names: StreamNames;
  readonly #patience: Patience;

  constructor(client: LogClient, names: StreamNames, patience: Patience) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
  }

  /** The events from `from` on, in batches, to the stream's end. @throws StreamTruncated, LogUnavailable */
  async *batches(stream: string, from: bigint, atMost = Infinity): AsyncGenerator<readonly RecordedEvent[]> {
    let left = atMost;
    for (let next = from < 0n ? 0n : from; left > 0;) {
      try {
        for await (const batch of this.#attempt(stream, next, left)) {
          yield batch;
          left -= batch.length;
          next += BigInt(batch.length);
        }
        return;
      } catch (failure) {
        if (failure instanceof StreamTruncated) throw failure;
        await this.#patience.afterFailure(failure, retryPauseMs);
      }
    }
  }

  head(stream: string): Promise<bigint> {
    return this.#patience.insist(async () => {
      const read = this.#client.readStream(this.#names.kept(stream), {
        fromRevision: END,
        direction: BACKWARDS,
        maxCount: 1,
        requiresLeader: true,
      });
      try {
        for await (const [last] of batchesOf<ResolvedEvent>(read, { silenceMs: this.#patience.attemptMs }))
          if (last?.event) return last.event.revision;
      } catch (failure) {
        if (failure instanceof StreamNotFoundError) return noRevision;
        throw failure;
      }
      // It is there, and shows nothing: all of it was truncated.
      const { before } = await truncatedBefore(this.#client, this.#names.kept(stream), this.#patience.attemptMs);
      return before - 1n;
    });
  }

  /**
   * A server does not say that it left truncated events out. So the read begins one event earlier than asked: where that one or the one asked for comes
   * first, nothing is missing, and only a read that finds nothing has to ask what was truncated.
   */
  async *#attempt(stream: string, from: bigint, atMost: number): AsyncGenerator<readonly RecordedEvent[]> {
    const name = this.#names.kept(stream);
    const first = from > 0n ? from - 1n : 0n;
    let expected: bigint | undefined;
    const maxCount = Number.isFinite(atMost) ? { maxCount: atMost + Number(from - first) } : {};
    const read = this.#client.readStream(name, { fromRevision: first, requiresLeader: true, ...maxCount });
    try {
      for await (const resolved of batchesOf<ResolvedEvent>(read, { silenceMs: this.#patience.attemptMs })) {
        this.#patience.answered();
        const batch = resolved.map((each) => this.#names.recorded(each));
        if (expected === undefined && batch[0]?.revision === from - 1n) batch.shift();
        expected ??= from;
        if (batch[0] === undefined) continue;
        if (batch[0].revision !== expected) throw new StreamTruncated(stream, batch[0].revision);
        expected += BigInt(batch.length);
        yield batch;
      }
    } catch (failure) {
      if (failure instanceof StreamNotFoundError) return;
      throw failure;
    }
    if (expected !== undefined) return;
    const { before } = await truncatedBefore(this.#client, name, this.#patience.attemptMs);
    if (from < before) throw new StreamTruncated(stream, before);
  }
}
