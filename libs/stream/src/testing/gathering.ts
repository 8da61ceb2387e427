import { randomUUID } from 'node:crypto';
import type { NewEvent, RecordedEvent } from '../event-log.ts';

const waitMax = 20_000;

/** One new event of type `Happened` per text. */
export function events(...texts: readonly string[]): NewEvent[] {
  return texts.map((data) => ({ id: randomUUID(), type: 'Happened', data }));
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Follows a subscription and keeps what came. */
export class Gathering {
  readonly events: RecordedEvent[] = [];
  /** The first place that this subscription asked for, for the spec's own use. */
  readonly first: bigint;
  /** Settles when the subscription has ended. */
  readonly ended: Promise<void>;
  readonly #controller = new AbortController();
  #arrived: (() => void) | undefined;

  constructor(subscribe: (signal: AbortSignal) => AsyncIterable<readonly RecordedEvent[]>, first = 0n) {
    this.first = first;
    this.ended = this.#gather(subscribe(this.#controller.signal));
    this.ended.catch(() => undefined);
  }

  async #gather(batches: AsyncIterable<readonly RecordedEvent[]>): Promise<void> {
    for await (const batch of batches) {
      this.events.push(...batch);
      this.#arrived?.();
    }
  }

  /** Waits until `count` events have come, or rejects after 20 s. */
  async until(count: number): Promise<void> {
    const failed = Promise.withResolvers<never>();
    const timer = setTimeout(() => failed.reject(new Error(`${this.events.length} of ${count} events came within ${waitMax} ms`)), waitMax);
    try {
      while (this.events.length < count) {
        const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
        await Promise.race([arrived, failed.promise, this.ended.then(() => Promise.reject(new Error('the subscription has ended')))]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.ended;
  }
}
