import type { Readable } from 'node:stream';
import { Unanswered } from './failures.ts';

/** A read or a subscription of the client, and how it is ended. */
export type Source = { cancel(): Promise<void> } | { unsubscribe(): Promise<void> };

export type BatchOptions = {
  /** How long nothing may come, in milliseconds. Absent: for ever. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
};

const batchEventsMax = 500;

/**
 * What has come, in batches, until the source ends or `signal` aborts; an empty batch where it only said that it is `alive`. The source is
 * cancelled in any case. @throws what the source fails with, Unanswered
 */
export async function* batchesOf<Item>(source: Source, { silenceMs, signal }: BatchOptions): AsyncGenerator<readonly Item[]> {
  // Both are streams of Node, which the client's types say in their own words.
  const readable = source as unknown as Readable;
  let failure: Error | undefined;
  let ended = false;
  let alive = false;
  let wake = (): void => undefined;
  const fail = (reason: Error): void => {
    failure ??= reason;
    wake();
  };
  const end = (): void => {
    ended = true;
    wake();
  };
  const live = (): void => {
    alive = true;
    wake();
  };
  // The listener for errors stays: one that comes after the end must not end the process.
  readable
    .on('error', fail)
    .on('end', end)
    .on('close', end)
    .on('readable', () => wake())
    .on('alive', live);
  signal?.addEventListener('abort', end);
  try {
    while (!signal?.aborted) {
      const batch = taken<Item>(readable);
      const wasAlive = alive;
      alive = false;
      if (batch.length > 0) yield batch;
      else if (failure !== undefined) throw failure;
      else if (ended) return;
      else if (wasAlive) yield batch;
      else {
        const timer = silenceMs === undefined ? undefined : setTimeout(() => fail(new Unanswered(silenceMs)), silenceMs);
        await new Promise<void>((resolve) => (wake = resolve));
        clearTimeout(timer);
      }
    }
  } finally {
    signal?.removeEventListener('abort', end);
    void cancel(source).catch(() => undefined);
  }
}

function taken<Item>(readable: Readable): Item[] {
  const batch: Item[] = [];
  for (let item: Item | null; batch.length < batchEventsMax && (item = readable.read() as Item | null) !== null;) batch.push(item);
  return batch;
}

async function cancel(source: Source): Promise<void> {
  await ('cancel' in source ? source.cancel() : source.unsubscribe());
}
