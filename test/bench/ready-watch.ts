import { openStream } from './connection.ts';
import { isReady, requestText, type Target } from './consumer.ts';
import { Latencies } from './latencies.ts';
import { until } from './pace.ts';

type Event = { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } };

/** Watches a collection, and takes the time from the order of an object until it is Ready there. */
export class ReadyWatch {
  readonly #orderedAt = new Map<string, number>();
  #stream: { close(): void } | undefined;
  #latencies = new Latencies();

  static async open(target: Target, collection: string): Promise<ReadyWatch> {
    const watch = new ReadyWatch();
    watch.#stream = await openStream(
      target.address,
      requestText(target, 'GET', `${collection}?watch=1`),
      jsonLines((event) => watch.#take(event)),
    );
    return watch;
  }

  /** Call right before the order is sent. */
  ordered(name: string): void {
    this.#orderedAt.set(name, performance.now());
  }

  /** Resolves when all that was ordered is Ready; answers how long each took, in milliseconds, and forgets it. */
  async allReady(deadlineMs = 60_000): Promise<Latencies> {
    await until('everything ordered is Ready', () => this.#orderedAt.size === 0 || undefined, deadlineMs);
    const latencies = this.#latencies;
    this.#latencies = new Latencies();
    return latencies;
  }

  close(): void {
    this.#stream?.close();
  }

  #take({ object }: Event): void {
    const { name } = object.metadata;
    const orderedAt = this.#orderedAt.get(name);
    if (orderedAt === undefined || !isReady(object)) return;
    this.#latencies.push(performance.now() - orderedAt);
    this.#orderedAt.delete(name);
  }
}

/** The watch events in the bytes of a chunked response: one line each. */
function jsonLines(found: (event: Event) => void): (bytes: Buffer) => void {
  let carried = '';
  return (bytes) => {
    const lines = (carried + bytes.toString('latin1')).split('\n');
    carried = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) found(JSON.parse(line) as Event);
  };
}
